import { escapeLine, escapeText } from "../support/escape.ts";

/** How much of the console goes into a message. */
export const CONSOLE_LINES = 20;

const KEEP_BYTES = 64 * 1024;
const KILLED = /Out of memory: Killed process \d+ \(([^)\n]{1,64})\)/g;
const MOST_VICTIMS = 16;

/** The end of what the guest wrote on its console: bounded, and escaped whenever it is read. */
export class ConsoleTail {
  readonly #ring = Buffer.alloc(KEEP_BYTES);
  #end = 0;
  #full = false;

  /** Takes what came; only the last 64 KiB are kept. */
  add(chunk: Buffer): void {
    const tail = chunk.subarray(-KEEP_BYTES);
    const first = tail.copy(this.#ring, this.#end);
    tail.copy(this.#ring, 0, first);
    this.#full ||= this.#end + tail.length >= KEEP_BYTES;
    this.#end = (this.#end + tail.length) % KEEP_BYTES;
  }

  /** The last lines, escaped; a last line that has no end yet counts too. */
  lines(count: number): string {
    const lines = escapeText(this.#text()).replace(/\n+$/, "").split("\n");
    return lines.slice(-count).join("\n");
  }

  /** What the guest's kernel says it killed for want of memory: names, escaped, the latest last. */
  outOfMemory(): string[] {
    const victims = [...this.#text().matchAll(KILLED)].map(([, name = ""]) => escapeLine(name));
    return victims.slice(-MOST_VICTIMS);
  }

  /** The line in which the guest's kernel gave up, escaped, if it did. */
  panic(): string | undefined {
    const line = /Kernel panic[^\r\n]{0,200}/.exec(this.#text())?.[0];
    return line === undefined ? undefined : escapeLine(line);
  }

  #text(): string {
    const older = this.#full ? this.#ring.subarray(this.#end) : Buffer.alloc(0);
    return Buffer.concat([older, this.#ring.subarray(0, this.#end)]).toString("utf8");
  }
}
