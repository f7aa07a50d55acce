import type { OnReadOpts, Socket } from "node:net";
import { passEnd } from "./pass-end.ts";

const LEAST_BYTES = 4_096;
const MOST_BYTES = 65_536;
const GROWTH = 4;
const SMALL_READS = 8; // so many in turn make the buffer small again

/**
 * Passes on what a socket receives through one buffer that is read into again and again. A stream would allocate 64 KiB for each
 * read, which halves the throughput and holds the garbage; the buffer grows while reads fill it, so that a quiet connection costs 4 KiB.
 */
export class Pump {
  /** For the socket's `onread`; it must be paused until `start`. */
  readonly onread: OnReadOpts = { buffer: () => this.#buffer, callback: (length) => this.#take(length) };
  #buffer: Buffer = Buffer.allocUnsafeSlow(LEAST_BYTES);
  #small = 0;
  #to: Socket | undefined;

  /** Begins to read, at the pace of the other side; an end is passed on as an end. */
  start(from: Socket, to: Socket): void {
    this.#to = to;
    to.on("drain", () => from.resume());
    from.once("end", () => passEnd(to));
    from.resume();
  }

  /** Answers whether to read on. */
  #take(length: number): boolean {
    const [to, buffer] = [this.#to, this.#buffer];
    if (!to || to.destroyed || to.writableEnded) return false;
    const more = to.write(buffer.subarray(0, length));
    const size = this.#fit(length, buffer.length);
    // what could not be written at once stays where it is until it is
    if (to.writableLength > 0 || size !== buffer.length) this.#buffer = Buffer.allocUnsafeSlow(size);
    return more;
  }

  #fit(length: number, size: number): number {
    if (length === size) return Math.min(size * GROWTH, MOST_BYTES);
    this.#small = length > LEAST_BYTES ? 0 : this.#small + 1;
    if (this.#small < SMALL_READS) return size;
    this.#small = 0;
    return LEAST_BYTES;
  }
}
