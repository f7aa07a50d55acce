const SHORT = 24;

/** Takes parts out of a piece of bytes and puts others in; a piece that stays whole is never copied. */
export class Sieve {
  readonly #input: Buffer;
  #out: Buffer | undefined;
  #size = 0;
  /** Where what is kept but not copied yet begins. */
  #from = 0;

  constructor(input: Buffer) {
    this.#input = input;
  }

  /** Leaves out the bytes from `start` up to `end`; all before them that was not left out is kept. */
  drop(start: number, end: number): void {
    this.#keep(start);
    this.#from = end;
  }

  /** The same, with other bytes in their place. */
  replace(start: number, end: number, bytes: Uint8Array): void {
    this.drop(start, end);
    this.#reserve(bytes.length);
    const out = this.#out as Buffer;
    if (bytes.length > SHORT) out.set(bytes, this.#size);
    else for (let at = 0; at < bytes.length; at += 1) out[this.#size + at] = bytes[at] as number;
    this.#size += bytes.length;
  }

  /** What remains, up to `end`. */
  finish(end: number): Buffer {
    if (this.#out === undefined) return this.#input.subarray(this.#from, end);
    this.#keep(end);
    return this.#out.subarray(0, this.#size);
  }

  #keep(end: number): void {
    const length = end - this.#from;
    if (length <= 0) return;
    this.#reserve(length);
    const out = this.#out as Buffer;
    if (length > SHORT) this.#input.copy(out, this.#size, this.#from, end);
    else for (let at = 0; at < length; at += 1) out[this.#size + at] = this.#input[this.#from + at] as number;
    this.#size += length;
  }

  #reserve(more: number): void {
    const needed = this.#size + more;
    if (this.#out !== undefined && needed <= this.#out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#out === undefined ? this.#input.length + more : this.#out.length * 2));
    if (this.#out) larger.set(this.#out.subarray(0, this.#size));
    this.#out = larger;
  }
}
