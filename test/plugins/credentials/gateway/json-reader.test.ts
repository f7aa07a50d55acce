import { expect } from "chai";
import fc from "fast-check";
import { JsonReader, NotJson, type JsonHandler } from "../../../../plugins/credentials/gateway/service/json-reader.ts";

/** Builds again what it hears of. */
class Builder implements JsonHandler {
  result: unknown;
  readonly #levels: { readonly value: unknown[] | Record<string, unknown>; key?: string }[] = [];

  open(kind: "object" | "array"): void {
    const value: unknown[] | Record<string, unknown> = kind === "array" ? [] : Object.create(null) as Record<string, unknown>;
    this.#put(value);
    this.#levels.push({ value });
  }

  close(): void {
    this.#levels.pop();
  }

  key(name: string | undefined): void {
    const level = this.#levels.at(-1);
    if (level) level.key = name ?? "(long)";
  }

  scalar(text: string | undefined | null): void {
    this.#put(text === null ? "(word)" : (text ?? "(long)"));
  }

  #put(value: unknown): void {
    const level = this.#levels.at(-1);
    if (!level) this.result = value;
    else if (Array.isArray(level.value)) level.value.push(value);
    else level.value[level.key ?? ""] = value;
  }
}

/** What the reader makes of bytes in pieces of a length; undefined when they are not JSON to it. */
function read(bytes: Buffer, piece: number): unknown {
  const builder = new Builder();
  const reader = new JsonReader(builder);
  try {
    for (let at = 0; at < bytes.length; at += piece) reader.write(bytes.subarray(at, at + piece));
    reader.end();
  } catch (error) {
    if (error instanceof NotJson) return undefined;
    throw error;
  }
  return builder.result;
}

/** A value as the reader tells of it: numbers and literals as a word, long texts as such. */
function asTold(value: unknown): unknown {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(asTold);
  if (typeof value !== "object" || value === null) return "(word)";
  return Object.assign(Object.create(null) as object, Object.fromEntries(Object.entries(value).map(([key, each]) => [key, asTold(each)])));
}

describe("The reader of JSON", () => {
  it("reads what JSON.parse reads, whatever the pieces", () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 1, max: 9 }), fc.boolean(), (value, piece, indented) => {
      const bytes = Buffer.from(JSON.stringify(value, null, indented ? 1 : 0));
      expect(JSON.stringify(read(bytes, piece))).to.equal(JSON.stringify(asTold(JSON.parse(bytes.toString()) as unknown)));
    }));
  });

  it("accepts nothing that JSON.parse does not", () => {
    const token = fc.constantFrom("{", "}", "[", "]", ":", ",", '"a"', '"\\u00e9"', "1", "-0.5e3", "01", "true", "nul", " ", '"', "\\", "\t", "\u0001", "é");
    fc.assert(fc.property(fc.array(token, { maxLength: 12 }), (tokens) => {
      const text = tokens.join("");
      if (read(Buffer.from(text), 1) !== undefined) expect(() => JSON.parse(text) as unknown, text).to.not.throw();
    }), { numRuns: 3000 });
  });

  it("refuses what two readers could understand differently", () => {
    const bad = [[0x22, 0xff, 0x22], [0x22, 0xc0, 0xa2, 0x22], [0x22, 0xe0, 0x80, 0xa2, 0x22], [0x22, 0xf0, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0xef, 0xbb, 0xbf, 0x31], [0, 0x7b, 0, 0x7d]];
    for (const bytes of bad) expect(read(Buffer.from(bytes), 1), bytes.join(" ")).to.equal(undefined);
    for (const text of ["", "{", '{"a":1,}', "[1,]", "{} {}", "'a'", "NaN", "1e", '"\\x"', '"a\nb"', `${"[".repeat(201)}${"]".repeat(201)}`]) expect(read(Buffer.from(text), 2), text).to.equal(undefined);
    expect(read(Buffer.from('"ü€𝄞\\u00e9"'), 1)).to.equal("ü€𝄞é");
  });

  it("keeps no long text", () => {
    expect(read(Buffer.from(JSON.stringify({ a: "x".repeat(300), ["k".repeat(300)]: "é".repeat(200) })), 7)).to.deep.equal(asTold({ a: "(long)", "(long)": "(long)" }));
  });
});
