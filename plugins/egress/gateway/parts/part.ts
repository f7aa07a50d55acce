import { AsyncSeriesBailHook, AsyncSeriesHook, SyncBailHook } from "tapable";
import type { Asked, Denial, GatewayHooks, PassingRequest, PassingResponse } from "../../parts.ts";

const TAP_MS = 30_000;

/** Makes tapable await async functions given to plain `tap`, whose promise it would leave floating: a denial in it would be lost. */
const AWAITING = {
  register<T extends { type: "sync" | "async" | "promise"; fn: Function }>(tap: T): T {
    return tap.type === "async" ? tap : { ...tap, type: "promise", fn: async (context: unknown): Promise<unknown> => await (tap.fn(context) as unknown) };
  },
};

/** One plugin's part of the gateway; what it throws or does not finish is an error that names it. */
export class Part {
  readonly by: string;
  readonly hooks: GatewayHooks;

  constructor(by: string) {
    this.by = by;
    this.hooks = {
      intercept: new SyncBailHook<[string, number], boolean>(["name", "port"], "intercept"),
      decide: new AsyncSeriesBailHook<[Asked], Denial | undefined>(["asked"], "decide"),
      request: new AsyncSeriesHook<[PassingRequest]>(["request"], "request"),
      response: new AsyncSeriesHook<[PassingResponse]>(["response"], "response"),
    };
    this.hooks.decide.intercept(AWAITING);
    this.hooks.request.intercept(AWAITING);
    this.hooks.response.intercept(AWAITING);
  }

  /** Runs one of its hooks; throws PartError for whatever goes wrong in it. */
  async run<T>(hook: keyof GatewayHooks, work: () => Promise<T> | T): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("it took too long")), TAP_MS);
    });
    try {
      return await Promise.race([Promise.resolve().then(work), late]);
    } catch (cause) {
      throw new PartError(this.by, hook, cause);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A part failed, so what it was asked about is refused. */
export class PartError extends Error {
  constructor(by: string, doing: string, cause: unknown) {
    // what a part throws may quote what it holds, so only its kind is told
    super(`the plugin "${by}" failed in "${doing}"`, { cause });
  }
}
