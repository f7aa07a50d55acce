import { z } from "zod";
import { fail } from "./failures.ts";
import type { Question } from "./messages.ts";

/** What a handler may reach while it answers. */
export interface Answering {
  /** Sends a value ahead of the answer, for answers that go on, such as a log that is followed. At most 60 KiB as JSON. */
  say(value: unknown): void;
  /** Aborts when the asker is gone or the session ends. */
  readonly signal: AbortSignal;
}

/** Answers one kind of question; what it returns is sent as JSON, and what it throws is told to the asker. */
export type Answerer<B> = (body: B, answering: Answering) => Promise<unknown> | unknown;

/** What a running session can be asked over its control socket, as its parts and plugins offer it. */
export class Questions {
  readonly #answerers = new Map<string, { readonly schema: z.ZodType; readonly answer: Answerer<never> }>();

  /** Offers an answer; the name begins with the part's own, such as "egress.status". Throws a plain Error for a name offered twice. */
  serve<S extends z.ZodType>(name: string, schema: S, answer: Answerer<z.output<S>>): void {
    if (this.#answerers.has(name)) throw new Error(`the question "${name}" is answered twice`);
    this.#answerers.set(name, { schema, answer });
  }

  /** Answers a question. Throws QUESTION_UNKNOWN, CONTROL_PROTOCOL for a body that does not fit, and what the answerer throws. */
  async answer({ name, body }: Question, answering: Answering): Promise<unknown> {
    const found = this.#answerers.get(name);
    if (!found) throw fail("QUESTION_UNKNOWN", { question: name });
    const read = found.schema.safeParse(body);
    if (!read.success) throw fail("CONTROL_PROTOCOL", { detail: z.prettifyError(read.error) }, { cause: read.error });
    return await found.answer(read.data as never, answering);
  }
}
