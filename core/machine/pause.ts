import type { Qmp } from "./qmp.ts";

/** Holds the guest's processors while work is done; works that overlap share one pause. */
export class Pause {
  readonly #qmp: Qmp;
  readonly #signal: AbortSignal;
  #working = 0;
  #stopped: Promise<unknown> = Promise.resolve();

  constructor(qmp: Qmp, signal: AbortSignal) {
    this.#qmp = qmp;
    this.#signal = signal;
  }

  /** Does the work while the guest stands still; it goes on whether the work fails or not. Throws MONITOR_FAILED. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#working++ === 0) this.#stopped = this.#qmp.run("stop", {}, this.#signal);
    try {
      await this.#stopped;
      return await work();
    } finally {
      if (--this.#working === 0) await this.#qmp.run("cont", {}, this.#signal);
    }
  }
}
