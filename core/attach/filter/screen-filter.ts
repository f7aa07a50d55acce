import { BEL, ESC, PLAIN, REPLACEMENT, SHIFT_IN, SHIFT_OUT } from "./bytes.ts";
import { ALWAYS, judge, nameOf } from "./control-sequences.ts";
import { judgeEscape } from "./escapes.ts";
import type { FilterOptions } from "./listener.ts";
import { ScreenState } from "./screen-state.ts";
import { Sieve } from "./sieve.ts";
import { StringSequence } from "./string-sequence.ts";
import { characterAt } from "./utf8.ts";

/** Longest control sequence, in bytes; of a longer one the rest is text. */
const LONGEST_SEQUENCE = 256;
const MOST_DIGITS = 5;
const MOST_NUMBERS = 64;
const NONE = Buffer.alloc(0);

/**
 * Lets through to the user's terminal what is on a list of good things: text in valid UTF-8, and control sequences that draw. It takes
 * a stream in any pieces; what it has answered so far always ends between two characters or sequences, so that ours may follow.
 */
export class ScreenFilter {
  /** What the program has left set so far. */
  readonly state = new ScreenState();
  readonly #options: FilterOptions;
  readonly #string: StringSequence;
  #pending: Buffer = NONE;

  constructor(options: FilterOptions) {
    this.#options = options;
    this.#string = new StringSequence(options, this.state);
  }

  /** Answers what of the bytes passes; it may share memory with them. */
  filter(chunk: Buffer): Buffer {
    const input = this.#pending.length > 0 ? Buffer.concat([this.#pending, chunk]) : chunk;
    const sieve = new Sieve(input);
    const end = this.#go(input, sieve);
    this.#pending = end < input.length ? Buffer.from(input.subarray(end)) : NONE;
    return sieve.finish(end);
  }

  /** The stream is over: answers what stands for a character that was cut. */
  end(): Buffer {
    const cut = (this.#pending[0] ?? 0) >= 0x80;
    this.#pending = NONE;
    return cut ? REPLACEMENT : NONE;
  }

  /** Goes through the input as far as it is complete, and answers how far that is. */
  #go(input: Buffer, sieve: Sieve): number {
    const { length } = input;
    let at = 0;
    while (at < length) {
      const byte = input[at] as number;
      if (this.#string.isOpen) {
        const taken = this.#string.take(input, at, sieve);
        if (taken === at && this.#string.isOpen) return at;
        at = taken;
        continue;
      }
      if (PLAIN[byte] === 1) {
        at += 1;
        while (at < length && PLAIN[input[at] as number] === 1) at += 1;
        continue;
      }
      let next: number;
      if (byte === ESC) next = this.#escape(input, at, sieve);
      else if (byte >= 0x80) next = character(input, at, sieve);
      else next = this.#control(byte, at, sieve);
      if (next === at) return at; // the rest has not come yet
      at = next;
    }
    return at;
  }

  #control(byte: number, at: number, sieve: Sieve): number {
    if (byte === SHIFT_OUT || byte === SHIFT_IN) this.state.charset ||= byte === SHIFT_OUT;
    else if (byte === BEL) this.#options.listener.attention();
    else sieve.drop(at, at + 1);
    return at + 1;
  }

  #escape(input: Buffer, at: number, sieve: Sieve): number {
    const kind = input[at + 1];
    if (kind === undefined) return at;
    if (kind === 0x5b) return this.#controlSequence(input, at, sieve);
    if (StringSequence.begins(kind)) {
      sieve.drop(at, at + 2);
      this.#string.open(kind);
      return at + 2;
    }
    const isLong = kind >= 0x20 && kind < 0x30;
    const final = isLong ? input[at + 2] : kind;
    if (final === undefined) return at;
    if (final < 0x30 || final > 0x7e) return dropTo(at, isLong ? at + 2 : at + 1, sieve);
    const end = isLong ? at + 3 : at + 2;
    return this.#settle(judgeEscape(input.toString("latin1", at + 1, end), this.state), at, end, sieve);
  }

  #controlSequence(input: Buffer, at: number, sieve: Sieve): number {
    const from = at + 2;
    const limit = Math.min(input.length, at + LONGEST_SEQUENCE);
    let end = from;
    let digits = 0;
    let isGood = true;
    let hasParts = false;
    while (end < limit) {
      const byte = input[end] as number;
      if (byte < 0x30 || byte > 0x3f) break;
      digits = byte < 0x3a ? digits + 1 : 0;
      if (digits > MOST_DIGITS || (byte > 0x3b && end > from)) isGood = false;
      if (byte === 0x3a) hasParts = true; // of one parameter; only colours have them
      end += 1;
    }
    const middle = end;
    while (end < limit && (input[end] as number) >= 0x20 && (input[end] as number) < 0x30) end += 1;
    if (end === limit) return end - at === LONGEST_SEQUENCE ? dropTo(at, end, sieve) : at;
    const final = input[end] as number;
    if (final < 0x40 || final > 0x7e) return dropTo(at, end, sieve);
    const intermediate = end > middle ? (input[middle] as number) : 0;
    end += 1;
    if (!isGood || end - middle > 2) return dropTo(at, end, sieve);
    const prefix = middle > from && (input[from] as number) > 0x3b ? (input[from] as number) : 0;
    if (prefix === 0 && intermediate === 0) {
      if (final === 0x6d) {
        this.state.colours = !(middle === from || (middle === from + 1 && input[from] === 0x30));
        return end;
      }
      if (ALWAYS[final] === 1 && !hasParts) return end;
    }
    if (hasParts) return dropTo(at, end, sieve);
    const numbers = numbersOf(input, prefix === 0 ? from : from + 1, middle);
    if (numbers.length > MOST_NUMBERS) return dropTo(at, end, sieve);
    return this.#settle(judge(nameOf(prefix, intermediate, final), numbers, this.state, this.#options), at, end, sieve);
  }

  #settle(verdict: boolean | Buffer, at: number, end: number, sieve: Sieve): number {
    if (verdict === false) sieve.drop(at, end);
    else if (verdict !== true) sieve.replace(at, end, verdict);
    return end;
  }
}

function numbersOf(input: Buffer, from: number, to: number): readonly number[] {
  if (from === to) return [];
  const numbers = [0];
  for (let at = from; at < to; at += 1) {
    const byte = input[at] as number;
    if (byte === 0x3b) numbers.push(0);
    else numbers[numbers.length - 1] = (numbers[numbers.length - 1] as number) * 10 + byte - 0x30;
  }
  return numbers;
}

function dropTo(at: number, end: number, sieve: Sieve): number {
  sieve.drop(at, end);
  return end;
}

function character(input: Buffer, at: number, sieve: Sieve): number {
  const length = characterAt(input, at);
  if (length >= 0) return at + length;
  sieve.replace(at, at - length, REPLACEMENT);
  return at - length;
}
