import { constants } from "node:os";
import { Readable, type Writable } from "node:stream";
import type { CommandEnd, GuestChannel } from "./guest.ts";

const WHAT = "a command on the seed port";
const SIGNALS = new Map(Object.entries(constants.signals).map(([name, number]) => [number, name.replace(/^SIG/, "")]));

/** What a channel needs of the port it is on. */
export interface PortHome {
  kill(): void;
  /** Says what a loss means that has the given reason. */
  describe(reason: string): Promise<string>;
}

/** A command of ours that the guest's seed receiver runs. What it says is kept until it is read, so whoever reads must bound it. */
export class PortChannel implements GuestChannel {
  readonly stdin: Writable;
  readonly stdout = new Readable({ read() {} });
  readonly stderr = new Readable({ read() {} });
  readonly ended: Promise<CommandEnd>;
  readonly #home: PortHome;
  #end!: (end: CommandEnd) => void;

  constructor(stdin: Writable, home: PortHome) {
    this.stdin = stdin.on("error", () => {});
    this.#home = home;
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  resize(): void {
    throw new Error(`${WHAT} has no terminal`);
  }

  signal(name: string): void {
    if (name !== "KILL") throw new Error(`${WHAT} can only be killed`);
    this.#home.kill();
  }

  close(): void {
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.destroy();
  }

  /** The guest says what the command said. */
  said(where: "out" | "err", bytes: Buffer): void {
    const stream = where === "out" ? this.stdout : this.stderr;
    if (!stream.destroyed) stream.push(bytes);
  }

  /** The guest says how it ended. */
  exited(how: "exit" | "signal", number: number): void {
    this.#over(how === "exit" ? { kind: "exit", status: number } : { kind: "signal", signal: SIGNALS.get(number) ?? `${number}` });
  }

  /** Nobody will say any more. */
  lost(reason: string): void {
    void this.#home.describe(reason).then((detail) => this.#over({ kind: "lost", detail }));
  }

  #over(end: CommandEnd): void {
    this.stdin.destroy();
    for (const stream of [this.stdout, this.stderr]) if (!stream.destroyed) stream.push(null);
    this.#end(end);
  }
}
