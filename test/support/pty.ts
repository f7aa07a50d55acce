import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";

/** How a program on a pseudo-terminal ended. */
export interface PtyEnd {
  readonly status: number;
  /** Whether the terminal's modes are what they were before. */
  readonly restored: boolean;
}

/** A program on a real pseudo-terminal of 100 columns and 30 rows. */
export class Pty implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<PtyEnd>;
  readonly #decoder = new StringDecoder();
  readonly #pieces: Buffer[] = [];
  readonly #listeners: ((piece: Buffer) => void)[] = [];
  #screen = "";
  #diagnosis = "";

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    this.#child = spawn("python3", [join(import.meta.dirname, "pty.py"), command, ...args], { env });
    this.#child.stdout.on("data", (chunk: Buffer) => {
      this.#pieces.push(chunk);
      this.#screen += this.#decoder.write(chunk);
      for (const listener of this.#listeners) listener(chunk);
    });
    this.#child.stderr.on("data", (chunk: Buffer) => (this.#diagnosis += chunk.toString("utf8")));
    this.ended = new Promise((resolve) => this.#child.once("close", () => resolve(this.#end())));
  }

  /** All that was shown so far. */
  get screen(): string {
    return this.#screen;
  }

  /** The same, byte by byte. */
  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** Hears each piece of it as it comes. */
  onShown(listener: (piece: Buffer) => void): void {
    this.#listeners.push(listener);
  }

  type(text: string): void {
    this.#order({ type: text });
  }

  resize(columns: number, rows: number): void {
    this.#order({ resize: [columns, rows] });
  }

  /** Sends a signal to the program, by its number. */
  signal(number: number): void {
    this.#order({ signal: number });
  }

  /** From now on the terminal takes no output, like one over a connection that hangs, until the program has ended. */
  stall(): void {
    this.#order({ stall: true });
  }

  /** The terminal goes away, as when its window is closed. */
  hangUp(): void {
    this.#order({ hangup: true });
  }

  /** Waits until the text was shown. */
  async shows(text: string, deadlineMs = 60_000): Promise<void> {
    const until = performance.now() + deadlineMs;
    while (!this.#screen.includes(text)) {
      if (performance.now() > until) throw new Error(`"${text}" was not shown; what was: ${this.#screen}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended.catch(() => {});
  }

  #order(order: object): void {
    this.#child.stdin.write(`${JSON.stringify(order)}\n`);
  }

  #end(): PtyEnd {
    const last = this.#diagnosis.trim().split("\n").at(-1) ?? "";
    if (!last.startsWith("{")) return { status: -1, restored: false };
    return JSON.parse(last) as PtyEnd;
  }
}
