import type { Readable } from "node:stream";
import { escapeText } from "../support/escape.ts";

const KEEP_BYTES = 4096;

/** Keeps the end of what a process says on stderr, at most 4 KiB, for the message when it fails. */
export class LastWords {
  #tail: Buffer = Buffer.alloc(0);

  constructor(stream: Readable) {
    stream.on("data", (chunk: Buffer) => {
      this.#tail = Buffer.from(Buffer.concat([this.#tail, chunk]).subarray(-KEEP_BYTES));
    });
    stream.on("error", () => {}); // the process is gone; its exit tells more
  }

  /** The text so far, escaped. */
  text(): string {
    return escapeText(this.#tail.toString("utf8")).trim();
  }
}
