import type { JsonHandler } from "./json-reader.ts";
import { FREE, type Shape } from "./shape.ts";

/** The request asks for a feature that is not allowed. */
export class FeatureRefused extends Error {
  readonly feature: string;

  constructor(feature: string) {
    super(feature);
    this.feature = feature;
  }
}

/** The request says something in a way that two readers could understand differently. */
export class Ambiguous extends Error {}

interface Level {
  readonly shape: Shape;
  readonly list: boolean;
  /** Names that were said already, of those that mean something. */
  readonly said: Set<string>;
}

/** Walks along a request as it is read, and throws FeatureRefused or Ambiguous as soon as something in it may not be. */
export class Judge implements JsonHandler {
  readonly #levels: Level[] = [];
  readonly #allowed: ReadonlySet<string>;
  #next: Shape;

  constructor(shape: Shape, allowed: ReadonlySet<string>) {
    this.#next = shape;
    this.#allowed = allowed;
  }

  open(kind: "object" | "array"): void {
    const shape = this.#meet(true);
    // one where a list belongs is judged like one in a list
    const each = kind === "array" || !shape.keys ? (shape.each ?? shape) : shape;
    this.#levels.push({ shape: each, list: kind === "array", said: new Set() });
  }

  close(): void {
    this.#levels.pop();
  }

  key(name: string | undefined): void {
    const { shape, said } = this.#levels.at(-1) ?? { shape: FREE, said: new Set<string>() };
    this.#next = FREE;
    if (!shape.keys) return;
    if (name === undefined) throw new Ambiguous("a name in it is too long");
    const known = Object.hasOwn(shape.keys, name) ? shape.keys[name] : undefined;
    if (known === undefined) {
      if (shape.strict) this.#need(`field:${name.slice(0, 60)}`);
      return;
    }
    if (said.has(name)) throw new Ambiguous(`it says "${name}" twice`);
    said.add(name);
    this.#next = known;
  }

  scalar(text: string | undefined | null): void {
    const shape = this.#meet(text !== null);
    if (text === null || !shape.judge) return;
    const found = shape.judge(text);
    if (found !== undefined) this.#need(found);
  }

  /** The shape of the value that begins now. */
  #meet(counts: boolean): Shape {
    const level = this.#levels.at(-1);
    const shape = level?.list ? level.shape : this.#next;
    if (shape.feature !== undefined && counts) this.#need(shape.feature);
    return shape;
  }

  #need(feature: string): void {
    if (!this.#allowed.has(feature)) throw new FeatureRefused(feature);
  }
}
