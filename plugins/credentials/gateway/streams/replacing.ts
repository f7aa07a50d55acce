import { Transform, type TransformCallback } from "node:stream";
import { firstOf, unfinished, type Needle } from "./needles.ts";

/**
 * Puts what each needle says in its place, however the stream is cut. Only bytes that could begin a needle wait for the next ones, so
 * that what is streamed word by word stays so.
 */
export class Replacing extends Transform {
  readonly #needles: readonly Needle[];
  #rest: Buffer = Buffer.alloc(0);

  constructor(needles: readonly Needle[]) {
    super();
    this.#needles = needles.filter(({ find }) => find.length > 0);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const pieces: Buffer[] = [];
    let from = 0;
    for (let found = firstOf(bytes, this.#needles, from); found; found = firstOf(bytes, this.#needles, from)) {
      pieces.push(bytes.subarray(from, found.at), found.needle.put);
      from = found.at + found.needle.find.length;
    }
    const tail = bytes.subarray(from);
    const waiting = unfinished(tail, this.#needles);
    pieces.push(tail.subarray(0, tail.length - waiting));
    this.#rest = Buffer.from(tail.subarray(tail.length - waiting)); // a copy, so that it does not hold the whole chunk
    const out = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
    done(null, out?.length ? out : undefined);
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#rest.length > 0 ? this.#rest : undefined);
  }
}
