/** Hears of the parts of a JSON text as they come. */
export interface JsonHandler {
  open(kind: "object" | "array"): void;
  close(): void;
  /** The name of the next value; undefined when it is too long to be kept. */
  key(name: string | undefined): void;
  /** A text, number or literal; undefined for a text that is too long to be kept, null for what is no text. */
  scalar(text: string | undefined | null): void;
}

/** The text is not JSON as we read it. */
export class NotJson extends Error {}

const LONGEST_KEPT = 256;
const DEEPEST = 200;
const LONGEST_WORD = 64;
const WORD = /^(-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?|true|false|null)$/;
const WORD_BYTE = /[-+.0-9A-Za-z]/;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ESCAPE_BEGINS = -1;

type Expecting = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end" | "nothing";

/**
 * Reads JSON as a stream, strictly, whatever the pieces it comes in, and keeps no more of it than short names and texts. What other
 * readers could understand in two ways is refused: bytes that are not UTF-8, and more than 200 levels.
 */
export class JsonReader {
  readonly #handler: JsonHandler;
  readonly #levels: ("object" | "array")[] = [];
  #expecting: Expecting = "value";
  #text: number[] | undefined;
  #textLength = 0;
  #escape = 0; // bytes of an escape that are still to come
  #follow = 0; // bytes of a character that are still to come
  #least = 0x80;
  #most = 0xbf;
  #word = "";

  constructor(handler: JsonHandler) {
    this.#handler = handler;
  }

  /** Throws NotJson, and what the handler throws. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 1) {
      if (this.#text && this.#follow === 0 && this.#escape === 0) at = this.#skipPlain(bytes, at);
      const byte = bytes[at];
      if (byte === undefined) return;
      if (this.#text) this.#inText(byte);
      else this.#outside(byte);
    }
  }

  /** Throws NotJson when the text is not complete. */
  end(): void {
    if (this.#word !== "") this.#endWord();
    if (this.#text || this.#expecting !== "nothing") throw new NotJson("it is not complete");
  }

  #outside(byte: number): void {
    const character = String.fromCharCode(byte);
    if (WORD_BYTE.test(character)) {
      if (this.#word.length >= LONGEST_WORD) throw new NotJson("it holds a number that is too long");
      this.#word += character;
      return;
    }
    if (this.#word !== "") this.#endWord();
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return;
    if (byte === QUOTE) return this.#beginText();
    if (character === "{" || character === "[") return this.#open(character === "{" ? "object" : "array");
    if (character === "}" || character === "]") return this.#close(character === "}" ? "object" : "array");
    if (character === ":" && this.#expecting === "colon") this.#expecting = "value";
    else if (character === "," && this.#expecting === "comma or end") this.#expecting = this.#levels.at(-1) === "object" ? "key" : "value";
    else throw new NotJson("it is not JSON");
  }

  #open(kind: "object" | "array"): void {
    this.#needValue();
    if (this.#levels.length >= DEEPEST) throw new NotJson("it is too deep");
    this.#levels.push(kind);
    this.#handler.open(kind);
    this.#expecting = kind === "object" ? "key or end" : "value or end";
  }

  #close(kind: "object" | "array"): void {
    const canEnd = this.#expecting === "comma or end" || this.#expecting === (kind === "object" ? "key or end" : "value or end");
    if (this.#levels.pop() !== kind || !canEnd) throw new NotJson("it is not JSON");
    this.#handler.close();
    this.#endValue();
  }

  #endWord(): void {
    const word = this.#word;
    this.#word = "";
    this.#needValue();
    if (!WORD.test(word)) throw new NotJson("it is not JSON");
    this.#handler.scalar(null);
    this.#endValue();
  }

  #beginText(): void {
    if (this.#expecting !== "key" && this.#expecting !== "key or end") this.#needValue();
    this.#text = [];
    this.#textLength = 0;
  }

  /** Most of what comes is plain text: goes over it quickly, and answers where it ends. */
  #skipPlain(bytes: Uint8Array, from: number): number {
    let at = from;
    for (let byte = bytes[at]; byte !== undefined && byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH; byte = bytes[at]) at += 1;
    for (let kept = from; kept < at && this.#textLength + kept - from < LONGEST_KEPT; kept += 1) this.#text?.push(bytes[kept] ?? 0);
    this.#textLength += at - from;
    return at;
  }

  #inText(byte: number): void {
    if (this.#follow > 0) this.#followUp(byte);
    else if (this.#escape !== 0) this.#escaped(byte);
    else if (byte === QUOTE) return this.#endText();
    else if (byte === BACKSLASH) this.#escape = ESCAPE_BEGINS;
    else if (byte < 0x20) throw new NotJson("it holds a control character in a text");
    else if (byte >= 0x80) this.#beginCharacter(byte);
    this.#textLength += 1;
    if (this.#textLength <= LONGEST_KEPT) this.#text?.push(byte);
  }

  #escaped(byte: number): void {
    const character = String.fromCharCode(byte);
    const good = this.#escape === ESCAPE_BEGINS ? /["\\/bfnrtu]/ : /[0-9A-Fa-f]/;
    if (!good.test(character)) throw new NotJson("it holds an escape that is none");
    if (this.#escape === ESCAPE_BEGINS) this.#escape = character === "u" ? 4 : 0;
    else this.#escape -= 1;
  }

  #beginCharacter(byte: number): void {
    this.#follow = byte >= 0xc2 && byte <= 0xdf ? 1 : byte >= 0xe0 && byte <= 0xef ? 2 : byte >= 0xf0 && byte <= 0xf4 ? 3 : 0;
    if (this.#follow === 0) throw new NotJson("it is not UTF-8");
    this.#least = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    this.#most = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
  }

  #followUp(byte: number): void {
    if (byte < this.#least || byte > this.#most) throw new NotJson("it is not UTF-8");
    this.#least = 0x80;
    this.#most = 0xbf;
    this.#follow -= 1;
  }

  #endText(): void {
    const kept = this.#textLength <= LONGEST_KEPT ? (JSON.parse(`"${Buffer.from(this.#text ?? []).toString("utf8")}"`) as string) : undefined;
    this.#text = undefined;
    if (this.#expecting === "key" || this.#expecting === "key or end") {
      this.#handler.key(kept);
      this.#expecting = "colon";
    } else {
      this.#handler.scalar(kept);
      this.#endValue();
    }
  }

  #needValue(): void {
    if (this.#expecting !== "value" && this.#expecting !== "value or end") throw new NotJson("it is not JSON");
  }

  #endValue(): void {
    this.#expecting = this.#levels.length === 0 ? "nothing" : "comma or end";
  }
}
