import { controlPath } from "./control-path.ts";
import { dial, parse } from "./dial.ts";
import { fail } from "./failures.ts";
import type { Frame, FrameKind } from "./frames.ts";
import type { Question, Refused, Said } from "./messages.ts";
import type { SessionRecord } from "./record.ts";
import { runDirectory } from "./sessions-directory.ts";
import type { Wire } from "./wire.ts";

/** Who asks, and who hears the values that come ahead of the answer. */
export interface Asker {
  readonly signal: AbortSignal;
  hear?(value: unknown): void;
}

/** What connecting says when the session is not there any more. */
const GONE: readonly unknown[] = ["ENOENT", "ECONNREFUSED", "ECONNRESET"];

/**
 * Asks a running session a question over its control socket and answers the last value of its answer. Throws SESSION_NOT_READY,
 * QUESTION_REFUSED with what the session said, and what connecting throws.
 */
export async function askRunning(
  runtimeDirectory: string,
  { name, state }: Pick<SessionRecord, "name" | "state">,
  question: Question,
  { signal, hear }: Asker,
): Promise<unknown> {
  const path = controlPath(runDirectory(runtimeDirectory, name));
  let wire: Wire | undefined;
  const answer = Promise.withResolvers<unknown>();
  answer.promise.catch(() => {}); // it may fail before anybody waits for it
  const take = ({ kind, payload }: { readonly kind: FrameKind; readonly payload: Buffer }): void => {
    if (kind === "said") hear?.(parse<Said>(payload).value);
    else if (kind === "done") answer.resolve(parse<Said>(payload).value);
    else if (kind === "refused") answer.reject(fail("QUESTION_REFUSED", parse<Refused>(payload)));
    else answer.reject(fail("CONTROL_PROTOCOL", { detail: `"${kind}" within an answer` }));
  };
  const answered = (payload: Buffer, connected: Wire, kind: FrameKind): void => {
    wire = connected;
    void wire.closed.then(() => answer.reject(fail("SESSION_NOT_READY", { name, state: "ending" })));
    take({ kind, payload });
  };
  const leave = (): void => answer.reject(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  try {
    await dial({ path, name }, { kind: "ask", message: question, answered, hear: (frame: Frame) => take(frame) }, signal);
    return await answer.promise;
  } catch (error) {
    if (!GONE.includes((error as NodeJS.ErrnoException).code)) throw error;
    throw fail("SESSION_NOT_READY", { name, state: state === "running" ? "ending" : state }, { cause: error });
  } finally {
    signal.removeEventListener("abort", leave);
    wire?.destroy();
  }
}
