import type { Socket } from "node:net";

/** Reads what a socket sends piece by piece before it is passed on; what was read too far goes back into it. */
export class BoundedReader {
  readonly #socket: Socket;
  readonly #most: number;
  #held: Buffer = Buffer.alloc(0);
  #failure: Error | undefined;
  #wake: () => void = () => {};

  /** Never holds more than `most` bytes. */
  constructor(socket: Socket, most: number) {
    this.#socket = socket;
    this.#most = most;
    socket.on("data", this.#onData).on("error", this.#onError).on("end", this.#onEnd).on("close", this.#onEnd);
  }

  /** All up to the end of the mark, which is in it. */
  async until(mark: string): Promise<Buffer> {
    return await this.#take(() => {
      const at = this.#held.indexOf(mark);
      return at === -1 ? undefined : at + mark.length;
    });
  }

  async bytes(count: number): Promise<Buffer> {
    return await this.#take(() => (this.#held.length >= count ? count : undefined));
  }

  /** Lets the socket go, paused, with what was not taken at its front. */
  release(): void {
    this.#socket.pause();
    this.#socket.off("data", this.#onData).off("error", this.#onError).off("end", this.#onEnd).off("close", this.#onEnd);
    if (this.#held.length > 0) this.#socket.unshift(this.#held);
  }

  async #take(end: () => number | undefined): Promise<Buffer> {
    for (;;) {
      const at = end();
      if (at !== undefined) {
        const taken = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at);
        return taken;
      }
      if (this.#failure) throw this.#failure;
      if (this.#held.length >= this.#most) throw new Error("the proxy says too much");
      await new Promise<void>((resolve) => { this.#wake = resolve; });
    }
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#held = Buffer.concat([this.#held, chunk]);
    this.#wake();
  };

  readonly #onError = (error: Error): void => {
    this.#failure ??= error;
    this.#wake();
  };

  readonly #onEnd = (): void => this.#onError(new Error("the proxy hung up"));
}
