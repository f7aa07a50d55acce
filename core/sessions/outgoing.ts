import { Replay } from "../attach/replay.ts";
import { fail } from "./failures.ts";
import { encodePiece, LARGEST_PIECE, WINDOW_BYTES, type StreamName } from "./stream-frames.ts";
import type { Wire } from "./wire.ts";

/** The sending end of a stream, across as many connections as it takes: what is not acknowledged is kept, and sent again. */
export class Outgoing {
  readonly #stream: StreamName;
  readonly #log = new Replay(WINDOW_BYTES);
  #waiting: (() => void)[] = [];
  #wire: Wire | undefined;
  #ended = false;
  #over = false;

  constructor(stream: StreamName) {
    this.#stream = stream;
  }

  /** Sends bytes as far as the window has room, and waits where it has none; without a connection they are kept for the next one. */
  async send(bytes: Buffer): Promise<void> {
    let rest = bytes;
    while (rest.length > 0 && !this.#over) {
      if (this.#log.room === 0) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
        continue;
      }
      const piece = rest.subarray(0, Math.min(LARGEST_PIECE, this.#log.room));
      rest = rest.subarray(piece.length);
      this.#put(this.#log.end, piece);
      this.#log.append(piece);
    }
  }

  /** Sends the end of the stream. */
  end(): void {
    this.#ended = true;
    this.#put(this.#log.end, Buffer.alloc(0));
  }

  /** The receiver has dealt with everything before this offset; throws CONTROL_PROTOCOL when it claims more than was sent. */
  acknowledge(offset: number): void {
    if (offset > this.#log.end) throw fail("CONTROL_PROTOCOL", { detail: `byte ${offset} acknowledged of ${this.#log.end}` });
    this.#log.acknowledge(offset);
    if (this.#log.room > 0) this.#wake();
  }

  /** Takes the stream up on a new connection, after the bytes that the receiver has; throws CONTROL_PROTOCOL when they are not kept. */
  attach(wire: Wire, offset: number): void {
    const { start, end } = this.#log;
    if (offset < start || offset > end) throw fail("CONTROL_PROTOCOL", { detail: `byte ${offset} wanted of ${start} to ${end}` });
    this.#wire = wire;
    for (let at = offset; at < end; at += LARGEST_PIECE) this.#put(at, this.#log.read(at, LARGEST_PIECE).bytes);
    if (this.#ended) this.#put(end, Buffer.alloc(0));
  }

  detach(): void {
    this.#wire = undefined;
  }

  /** Nobody will read any of it: who waits for room goes on, and what is sent is dropped. */
  giveUp(): void {
    this.#over = true;
    this.#wire = undefined;
    this.#wake();
  }

  #put(offset: number, bytes: Buffer): void {
    this.#wire?.send(this.#stream, encodePiece({ offset, bytes }));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
