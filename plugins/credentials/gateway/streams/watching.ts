import { Transform, type TransformCallback } from "node:stream";
import { firstOf, unfinished, type Needle } from "./needles.ts";
import { decodersFor } from "./decoding.ts";

/** Looks for needles in a stream, however it is cut, and tells which one it found. */
export class Finder {
  readonly #needles: readonly Needle[];
  #rest: Buffer = Buffer.alloc(0);

  constructor(needles: readonly Needle[]) {
    this.#needles = needles;
  }

  /** The first needle that ends in these bytes. */
  look(chunk: Buffer): Needle | undefined {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const found = firstOf(bytes, this.#needles, 0)?.needle;
    this.#rest = Buffer.from(bytes.subarray(bytes.length - unfinished(bytes, this.#needles)));
    return found;
  }
}

/** A body that passes as it is, unless a needle is found in it, also below its encodings: from then on nothing of it passes. */
export class Watching extends Transform {
  readonly #asSent: Finder;
  readonly #decoded: Finder;
  readonly #decoder: Transform | undefined;
  readonly #onFound: (needle: Needle) => void;
  #found = false;

  constructor(needles: readonly Needle[], contentEncoding: string | undefined, onFound: (needle: Needle) => void) {
    super();
    this.#asSent = new Finder(needles);
    this.#decoded = new Finder(needles);
    this.#onFound = onFound;
    const [first, ...others] = decodersFor(contentEncoding) ?? [];
    const last = others.reduce<Transform | undefined>((before, next) => before?.pipe(next), first);
    this.#decoder = first;
    first?.on("error", () => {}); // what cannot be decoded cannot be read by anybody else either
    last?.on("error", () => {}).on("data", (bytes: Buffer) => this.#look(this.#decoded, bytes));
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const pass = (): void => {
      this.#look(this.#asSent, chunk);
      done(null, this.#found ? undefined : chunk);
    };
    this.#decode((decoder, seen) => decoder.write(chunk, seen), pass);
  }

  override _flush(done: TransformCallback): void {
    // what was refused must not seem complete
    this.#decode((decoder, seen) => decoder.end(seen), () => { if (!this.#found) done(); });
  }

  /** Gives the decoder something, and goes on when what it made of that was looked at, or when it has failed. */
  #decode(give: (decoder: Transform, seen: () => void) => void, then: () => void): void {
    const decoder = this.#decoder;
    if (!decoder || decoder.destroyed) return then();
    let waiting = true;
    const seen = (): void => {
      if (!waiting) return;
      waiting = false;
      decoder.removeListener("close", seen);
      setImmediate(then); // its output comes with the next turn
    };
    decoder.once("close", seen);
    give(decoder, seen);
  }

  #look(finder: Finder, bytes: Buffer): void {
    const needle = this.#found ? undefined : finder.look(bytes);
    if (!needle) return;
    this.#found = true;
    this.#onFound(needle);
  }
}
