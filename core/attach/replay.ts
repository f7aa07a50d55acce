/** What a reader gets from a log: bytes from an offset on, and how many before them are gone. */
export interface Replayed {
  /** Offset of the first byte. */
  readonly offset: number;
  readonly bytes: Buffer;
  /** Bytes between the offset that was asked for and this one, which nobody can have any more. */
  readonly lost: number;
}

/**
 * The end of a byte stream that somebody reads over a connection which may break: it keeps what was not yet acknowledged, up to a
 * limit, so that the reader can come back and go on from the last offset it saw. Offsets count from the stream's first byte.
 */
export class Replay {
  readonly #limitBytes: number;
  readonly #chunks: Buffer[] = [];
  #start = 0;
  #end = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Offset of the oldest byte that is kept. */
  get start(): number {
    return this.#start;
  }

  /** Offset that the next byte will have. */
  get end(): number {
    return this.#end;
  }

  /** How many bytes fit in before the oldest are lost; a writer that can wait, waits at 0. */
  get room(): number {
    return this.#limitBytes - (this.#end - this.#start);
  }

  /** Adds bytes, and drops the oldest beyond the limit. The log keeps the chunk: do not change it afterwards. */
  append(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    this.#end += chunk.length;
    this.#dropTo(this.#end - this.#limitBytes);
  }

  /** The reader has everything before this offset for good. */
  acknowledge(offset: number): void {
    this.#dropTo(Math.min(offset, this.#end));
  }

  /** What is kept from this offset on, at most `maxBytes` of it. Throws a RangeError for an offset that has not come yet. */
  read(offset: number, maxBytes: number = this.#limitBytes): Replayed {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset > this.#end) {
      throw new RangeError(`offset ${offset} is not within 0 to ${this.#end}`);
    }
    const from = Math.max(offset, this.#start);
    const until = Math.min(this.#end, from + maxBytes);
    const parts: Buffer[] = [];
    let position = this.#start;
    for (const chunk of this.#chunks) {
      if (position >= until) break;
      parts.push(chunk.subarray(Math.max(0, from - position), until - position));
      position += chunk.length;
    }
    return { offset: from, bytes: Buffer.concat(parts), lost: from - offset };
  }

  #dropTo(offset: number): void {
    while (this.#start < offset) {
      const oldest = this.#chunks.shift();
      if (!oldest) return;
      const surplus = offset - this.#start;
      if (surplus < oldest.length) this.#chunks.unshift(oldest.subarray(surplus));
      this.#start += Math.min(surplus, oldest.length);
    }
  }
}
