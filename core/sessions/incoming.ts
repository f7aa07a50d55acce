import { fail } from "./failures.ts";
import { decodePiece, WINDOW_BYTES } from "./stream-frames.ts";

/** Takes bytes, or undefined for the end of the stream, and calls `done` when it has dealt with them. */
export type Sink = (bytes: Buffer | undefined, done: () => void) => void;

/** One direction's receiving end of a stream: in order, without gaps and without repetition, whatever connections it came by. */
export class Incoming {
  readonly #sink: Sink;
  readonly #acknowledge: (offset: number) => void;
  #received = 0;
  #dealtWith = 0;
  #ended = false;

  constructor(sink: Sink, acknowledge: (offset: number) => void) {
    this.#sink = sink;
    this.#acknowledge = acknowledge;
  }

  /** Bytes that have arrived; a new connection goes on after them. */
  get received(): number {
    return this.#received;
  }

  /** Takes the payload of a frame; throws CONTROL_PROTOCOL for a gap, or for more than the window allows. */
  take(payload: Buffer): void {
    const { offset, bytes } = decodePiece(payload);
    if (offset > this.#received) throw fail("CONTROL_PROTOCOL", { detail: `byte ${offset} came after byte ${this.#received}` });
    if (bytes.length === 0) {
      if (offset === this.#received) this.cut();
      return;
    }
    const fresh = bytes.subarray(this.#received - offset);
    if (fresh.length === 0) return;
    if (this.#ended) throw fail("CONTROL_PROTOCOL", { detail: "bytes after the end of a stream" });
    const end = this.#received + fresh.length;
    if (end - this.#dealtWith > WINDOW_BYTES) throw fail("CONTROL_PROTOCOL", { detail: "more bytes than the window has room for" });
    this.#received = end;
    this.#sink(fresh, () => {
      this.#dealtWith = Math.max(this.#dealtWith, end);
      this.#acknowledge(this.#dealtWith);
    });
  }

  /** Says again what was dealt with: the connection that said it may have broken before it was heard. */
  repeat(): void {
    this.#acknowledge(this.#dealtWith);
  }

  /** Nothing comes any more, whether the end of the stream arrived or not. */
  cut(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#sink(undefined, () => {});
  }
}
