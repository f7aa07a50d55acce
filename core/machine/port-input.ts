import { Writable } from "node:stream";

// A pipe of the guest's takes 64 KiB, and a line on the port may have as much; BASE64 makes a third more of it.
const PIECE_BYTES = 16 * 1024;

/** What a command reads, all of it at once: `start` is told when it is there. */
export function wholeInput(start: (input: Buffer) => void): Writable {
  const pieces: Buffer[] = [];
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      pieces.push(chunk);
      done();
    },
    final(done) {
      start(Buffer.concat(pieces));
      done();
    },
  });
}

/** What a command reads while it runs: piece by piece, each sent when the one before was taken. */
export class FlowingInput extends Writable {
  readonly #send: (piece: Buffer | undefined) => void;
  #taken: (() => void) | undefined;

  /** `send` is given each piece, and nothing at the end. */
  constructor(send: (piece: Buffer | undefined) => void) {
    super();
    this.#send = send;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    const rest = chunk.subarray(PIECE_BYTES);
    this.#taken = () => (rest.length > 0 ? this._write(rest, "buffer", done) : done());
    this.#send(chunk.subarray(0, PIECE_BYTES));
  }

  override _final(done: () => void): void {
    this.#send(undefined);
    done();
  }

  /** The guest says that it has read the last piece. */
  took(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }
}
