import { Duplex, duplexPair } from "node:stream";
import type { Holds } from "../../core/machine/holds.ts";
import type { Machine, MachineEnd } from "../../core/machine/machine.ts";
import { SeedPort } from "../../core/machine/seed-port.ts";

/** A machine that is only its ports: the test plays the guest on the far ends. */
export class FakeMachine implements Machine {
  readonly network = { enter: [] };
  readonly networkReady = Promise.resolve();
  readonly shares: Machine["shares"] = [];
  readonly seedPort: SeedPort;
  /** The guest's end of the seed port. */
  readonly guestSeedPort: Duplex;
  readonly ended: Promise<MachineEnd>;
  console = "";
  killed: string[] = [];
  /** Every connection that the guest dialled, in order. */
  readonly dialled: Duplex[] = [];
  readonly #untaken: Duplex[] = [];
  #waiting: (() => void) | undefined;
  #end!: (end: MachineEnd) => void;

  constructor() {
    const [host, guest] = duplexPair();
    this.seedPort = new SeedPort(host, () => this.console);
    this.guestSeedPort = guest;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  /** The guest dials: this is the host's end. */
  dial(stream: Duplex): void {
    this.dialled.push(stream);
    this.#untaken.push(stream);
    this.#waiting?.();
  }

  end(end: MachineEnd): void {
    this.#end(end);
  }

  async accept(_deadlineMs: number, signal: AbortSignal): Promise<Duplex> {
    for (;;) {
      signal.throwIfAborted();
      const stream = this.#untaken.shift();
      if (stream) return stream;
      await new Promise<void>((resolve, reject) => {
        this.#waiting = resolve;
        signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
      });
    }
  }

  consoleTail(): string {
    return this.console;
  }

  outOfMemory(): readonly string[] {
    return this.killed;
  }

  async capture(): Promise<never> {
    throw new Error("this machine cannot be captured");
  }

  async save(): Promise<never> {
    throw new Error("this machine cannot be saved");
  }

  async openHolds(): Promise<Holds> {
    throw new Error("this machine has no jail");
  }

  async paused<T>(work: () => Promise<T>): Promise<T> {
    return await work();
  }

  async stop(): Promise<void> {
    this.end({ reason: "stopped", detail: "" });
  }
}
