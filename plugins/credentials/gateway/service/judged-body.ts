import { Transform, type TransformCallback } from "node:stream";
import { Ambiguous, FeatureRefused, Judge } from "./judge.ts";
import { JsonReader, NotJson } from "./json-reader.ts";
import { MESSAGES_REQUEST } from "./shape.ts";
import { refusalOf } from "./features.ts";

/** How much of a request is kept back, in bytes, while it is judged: whole ordinary ones. */
const KEPT_BACK = 1 << 20;
// What the service itself takes at most.
const LARGEST = 32 << 20;

/**
 * The body of a request, judged while it passes. The newest MiB of it is kept back until the end has been judged, so that the service
 * gets nothing of an ordinary request that is refused, and never the end of a large one.
 */
export class JudgedBody extends Transform {
  readonly #reader: JsonReader;
  readonly #refuse: (why: string) => void;
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  #bytes = 0;
  #refused = false;

  constructor(allowed: ReadonlySet<string>, refuse: (why: string) => void) {
    super();
    this.#reader = new JsonReader(new Judge(MESSAGES_REQUEST, allowed));
    this.#refuse = refuse;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    if (this.#refused) return done(); // what is still to come is swallowed
    this.#bytes += chunk.length;
    if (this.#bytes > LARGEST) return this.#give("cloche refuses a request of more than 32 MiB to the agent's service.", done);
    if (!this.#judged(() => this.#reader.write(chunk), done)) return;
    this.#kept.push(chunk);
    this.#keptBytes += chunk.length;
    while (this.#keptBytes - (this.#kept[0]?.length ?? 0) >= KEPT_BACK) {
      const oldest = this.#kept.shift() ?? Buffer.alloc(0);
      this.#keptBytes -= oldest.length;
      this.push(oldest);
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.#refused) return;
    if (!this.#judged(() => this.#reader.end(), done)) return;
    for (const chunk of this.#kept) this.push(chunk);
    done();
  }

  #judged(work: () => void, done: TransformCallback): boolean {
    try {
      work();
      return true;
    } catch (error) {
      if (error instanceof FeatureRefused) this.#give(refusalOf(error.feature), done);
      else if (error instanceof NotJson || error instanceof Ambiguous) this.#give(`cloche refuses this request to the agent's service: ${error.message}.`, done);
      else done(error as Error);
      return false;
    }
  }

  #give(why: string, done: TransformCallback): void {
    this.#refused = true;
    this.#kept.length = 0;
    this.#refuse(why);
    done();
  }
}
