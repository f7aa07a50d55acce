import type { HeaderFields } from "../../parts.ts";

// RFC 9110 5.1 and 5.5: a token, and no control character but the tab; what Node would refuse to write later
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Header fields in their order and spelling, names compared without case. */
export class Fields implements HeaderFields {
  #pairs: (readonly [name: string, value: string])[];

  /** Takes names and values in turn. */
  constructor(raw: readonly string[]) {
    this.#pairs = raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] ?? ""] as const] : []));
  }

  get(name: string): string | undefined {
    const values = this.getAll(name);
    return values.length === 0 ? undefined : values.join(", ");
  }

  getAll(name: string): readonly string[] {
    return this.#pairs.filter(is(name)).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.#pairs.some(is(name));
  }

  set(name: string, value: string): void {
    check(name, value);
    const at = this.#pairs.findIndex(is(name));
    this.delete(name);
    this.#pairs.splice(at === -1 ? this.#pairs.length : at, 0, [name, value]);
  }

  append(name: string, value: string): void {
    check(name, value);
    this.#pairs.push([name, value]);
  }

  delete(name: string): void {
    const wanted = is(name);
    this.#pairs = this.#pairs.filter((pair) => !wanted(pair));
  }

  entries(): readonly (readonly [name: string, value: string])[] {
    return [...this.#pairs];
  }

  /** Names and values in turn. */
  raw(): string[] {
    return this.#pairs.flat();
  }
}

function is(name: string): (pair: readonly [string, string]) => boolean {
  const wanted = name.toLowerCase();
  return ([own]) => own.toLowerCase() === wanted;
}

function check(name: string, value: string): void {
  if (!NAME.test(name) || !VALUE.test(value)) throw new Error(`"${name}" cannot be a header field with this value`);
}
