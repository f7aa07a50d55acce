import { BEL, CANCEL, ESC, SUBSTITUTE } from "./bytes.ts";
import type { FilterOptions } from "./listener.ts";
import type { ScreenState } from "./screen-state.ts";
import type { Sieve } from "./sieve.ts";
import { judgeCommand, LONGEST_COMMAND, roomFor } from "./system-commands.ts";

const COMMAND = 0x5d; // ]
const BACKSLASH = 0x5c;
// DCS, SOS, PM, APC, and the title of screen and tmux: none of them passes.
const OTHERS: readonly number[] = [0x50, 0x58, 0x5e, 0x5f, 0x6b];
const SMALL = 256;
/** So many bytes tell what a command is. */
const BEGINNING = 3;

/** A sequence that holds a text up to its end, such as `ESC ] 0 ; title BEL`; its text is kept only as far as it may pass. */
export class StringSequence {
  readonly #options: FilterOptions;
  readonly #state: ScreenState;
  #kind = 0;
  #text = Buffer.allocUnsafe(SMALL);
  #size = 0;
  #tooLong = false;

  constructor(options: FilterOptions, state: ScreenState) {
    this.#options = options;
    this.#state = state;
  }

  /** Whether `ESC` and this byte begin such a sequence. */
  static begins(byte: number): boolean {
    return byte === COMMAND || OTHERS.includes(byte);
  }

  get isOpen(): boolean {
    return this.#kind !== 0;
  }

  open(kind: number): void {
    this.#kind = kind;
    this.#size = 0;
    this.#tooLong = false;
  }

  /** Takes the text from `at` on, and its end when that has come; answers how far that is. */
  take(input: Buffer, at: number, sieve: Sieve): number {
    let end = at;
    while (end < input.length && !this.#ends(input[end] as number)) end += 1;
    if (end > at) {
      this.#add(input, at, end);
      sieve.drop(at, end);
      return end;
    }
    const byte = input[at] as number;
    if (byte === ESC) {
      if (at + 1 === input.length) return at;
      const isEnd = input[at + 1] === BACKSLASH;
      if (!isEnd) {
        this.#kind = 0; // what follows is another sequence
        return at;
      }
      return this.#close(at, at + 2, "\x1b\\", sieve);
    }
    return this.#close(at, at + 1, byte === BEL ? "\x07" : undefined, sieve);
  }

  #ends(byte: number): boolean {
    return byte === ESC || byte === CANCEL || byte === SUBSTITUTE || (byte === BEL && this.#kind === COMMAND);
  }

  #add(input: Buffer, from: number, to: number): void {
    if (this.#kind !== COMMAND || this.#tooLong) return;
    const size = this.#size + to - from;
    if (size > LONGEST_COMMAND) {
      if (this.#size < BEGINNING) input.copy(this.#text, this.#size, from, from + BEGINNING);
      if (size > roomFor(this.#text, this.#options)) {
        this.#tooLong = true;
        return;
      }
    }
    if (size > this.#text.length) {
      const larger = Buffer.allocUnsafe(size * 2);
      larger.set(this.#text.subarray(0, this.#size));
      this.#text = larger;
    }
    input.copy(this.#text, this.#size, from, to);
    this.#size = size;
  }

  #close(at: number, end: number, mark: string | undefined, sieve: Sieve): number {
    const passes = this.#kind === COMMAND && !this.#tooLong && mark !== undefined;
    const payload = this.#text.subarray(0, this.#size);
    const bytes = passes ? judgeCommand(payload, mark, this.#state, this.#options) : undefined;
    if (bytes) sieve.replace(at, end, bytes);
    else sieve.drop(at, end);
    this.#kind = 0;
    if (this.#text.length > 2 * LONGEST_COMMAND) this.#text = Buffer.allocUnsafe(SMALL);
    return end;
  }
}
