import type { Asked, Denial, GatewayEnd } from "../../parts.ts";
import type { Audit } from "../audit.ts";
import type { Link } from "../link.ts";
import type { GatewayQuestions, PartConfig, PluginQuestions } from "../protocol.ts";
import { Part, type PartError } from "./part.ts";
import type { Passing } from "./passing.ts";

/** What a part needs of its gateway. */
export interface PartReach {
  readonly link: Pick<Link<GatewayQuestions, PluginQuestions>, "ask" | "tell">;
  readonly audit: Audit;
}

const LARGEST_QUESTION = 1024 * 1024;
const MOST_QUESTIONS = 64;

/** The parts of other plugins, asked in their order. Whatever goes wrong in one is a no. */
export class Parts {
  readonly #parts: Part[] = [];
  readonly #answerers = new Map<string, (question: unknown) => unknown>();

  /** Whether nothing was added, so that nothing needs to be asked. */
  get none(): boolean {
    return this.#parts.length === 0;
  }

  /** Whether a part may want interception, so that the guest has to trust our authority. */
  get mayIntercept(): boolean {
    return this.#parts.some(({ hooks }) => hooks.intercept.isUsed());
  }

  /** Loads a plugin's module and lets it tap. Throws an error that names the plugin. */
  async load({ by, module, options }: PartConfig, reach: PartReach): Promise<void> {
    const part = new Part(by);
    try {
      const { default: install } = (await import(module)) as { default?: unknown };
      if (typeof install !== "function") throw new Error(`${module} exports no function by default`);
      await (install as (gateway: GatewayEnd, options: unknown) => unknown)(this.#end(part, reach), options);
    } catch (cause) {
      throw new Error(`the part of "${by}" cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    }
    this.#parts.push(part);
  }

  /** Whether any part wants to look into the connections to this host and port. Throws PartError. */
  async intercepts(name: string, port: number): Promise<boolean> {
    for (const part of this.#parts) if (await part.run("intercept", () => part.hooks.intercept.call(name, port))) return true;
    return false;
  }

  /** The first no to what the policy allowed, a part's failure being one. */
  async decide(asked: Asked): Promise<Denial | undefined> {
    for (const part of this.#parts) {
      try {
        const denial = await part.run("decide", () => part.hooks.decide.promise(asked));
        if (denial) return { why: `${part.by}: ${denial.why}` };
      } catch (error) {
        return { why: (error as PartError).message };
      }
    }
    return undefined;
  }

  /** Shows a message's head to every part until one refuses it. A part that fails refuses it. */
  async show(kind: "request" | "response", passing: Passing): Promise<void> {
    for (const part of this.#parts) {
      if (passing.refused) return;
      try {
        await part.run(kind, () => part.hooks[kind].promise(passing as never));
      } catch (error) {
        passing.refuse({ status: 502, text: (error as PartError).message });
      }
    }
  }

  /** Passes a plugin's question to its own part. */
  answer(by: string, question: unknown): unknown {
    const answerer = this.#answerers.get(by);
    if (!answerer) throw new Error(`the part of "${by}" answers no questions`);
    return answerer(question);
  }

  #end({ by, hooks }: Part, { link, audit }: PartReach): GatewayEnd {
    let asked = 0;
    return {
      hooks,
      report(text, { name = "", port } = {}) {
        audit.record({ kind: "part", name, ...(port === undefined ? {} : { port }), verdict: "refused", why: `${by}: ${text}` });
        link.tell("part-report", { by, text });
      },
      async ask(question) {
        if (asked >= MOST_QUESTIONS) throw new Error("too many questions wait for an answer");
        if ((JSON.stringify(question) ?? "").length > LARGEST_QUESTION) throw new Error("the question is larger than 1 MiB");
        asked += 1;
        try {
          return await link.ask("part-question", { by, question });
        } finally {
          asked -= 1;
        }
      },
      answer: (answerer) => void this.#answerers.set(by, answerer),
    };
  }
}
