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
  readonly #finder: Finder;
  readonly #decoder: Transform | undefined;
  readonly #onFound: (needle: Needle) => void;
  #found = false;

  constructor(needles: readonly Needle[], contentEncoding: string | undefined, onFound: (needle: Needle) => void) {
    super();
    this.#finder = new Finder(needles);
    this.#onFound = onFound;
    const [first, ...others] = decodersFor(contentEncoding) ?? [];
    const last = others.reduce<Transform | undefined>((before, next) => before?.pipe(next), first);
    this.#decoder = first;
    first?.on("error", () => {}); // what cannot be decoded cannot be read by anybody else either
    last?.on("error", () => {}).on("data", (bytes: Buffer) => this.#look(bytes));
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const pass = (): void => {
      if (!this.#found) this.#look(chunk);
      done(null, this.#found ? undefined : chunk);
    };
    if (this.#decoder && !this.#decoder.destroyed) this.#decoder.write(chunk, pass);
    else pass();
  }

  override _flush(done: TransformCallback): void {
    if (!this.#found) done(); // what was refused must not seem complete
  }

  #look(bytes: Buffer): void {
    const needle = this.#found ? undefined : this.#finder.look(bytes);
    if (!needle) return;
    this.#found = true;
    this.#onFound(needle);
  }
}
