import { ascii } from "./bytes.ts";
import type { FilterOptions } from "./listener.ts";
import type { ScreenState } from "./screen-state.ts";

/** Whether a sequence passes as it is, or what passes in its place. */
export type Verdict = boolean | Buffer;

type Rule = (numbers: readonly number[], state: ScreenState, options: FilterOptions) => Verdict;

/** 1 for the final bytes of sequences without prefix that pass whatever their parameters: they move, erase, insert and delete. */
export const ALWAYS = new Uint8Array(128);
for (const final of "@ABCDEFGHIJKLMPSXZ`abdefg") ALWAYS[final.charCodeAt(0)] = 1;

// Private modes that good programs use. Not in it, for instance: 3 (132 columns), 8 (repeating keys), 1001 (a mouse mode that waits
// for answers), 1007 and 1034 (of which nobody knows how they stood), 9001 (keys as Windows has them).
const MODES: ReadonlySet<number> = new Set([
  1, 5, 6, 7, 9, 12, 25, 45, 47, 66, 69, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1048, 1049, 2004, 2026, 2027, 2031, 2048,
]);
const CURSOR_SAVED = 1048;

const first = (numbers: readonly number[]): number => numbers[0] ?? 0;
const asks = (...known: readonly number[]): Rule => (numbers, state, { answers }) =>
  asked(state, answers && numbers.length <= 1 && known.includes(first(numbers)));
const asksMode: Rule = (numbers, state, { answers }) => asked(state, answers && numbers.length === 1);

// By `PREFIX INTERMEDIATE FINAL`.
const RULES: Readonly<Record<string, Rule>> = {
  // with five parameters it is another thing: mouse tracking that waits for an answer
  T: (numbers) => numbers.length <= 1,
  r: (numbers, state) => {
    state.region = numbers.length > 0;
    return numbers.length <= 2;
  },
  s: (numbers, state) => {
    if (numbers.length > 0) state.region = true;
    return numbers.length <= 2;
  },
  u: (numbers) => numbers.length === 0,
  h: (numbers, state) => inserting(numbers, state, true),
  l: (numbers, state) => inserting(numbers, state, false),
  t: (numbers, state, options) => asked(state, windowOperation(numbers, options)),
  " q": (numbers, state) => {
    state.cursorStyle = first(numbers) !== 0;
    return numbers.length <= 1 && first(numbers) <= 6;
  },
  "!p": (numbers) => numbers.length === 0,
  "?h": (numbers, state) => privateModes(numbers, state, true),
  "?l": (numbers, state) => privateModes(numbers, state, false),
  ">m": (numbers, state) => {
    if (numbers.length > 2 || (numbers.length > 0 && first(numbers) !== 4)) return false;
    state.modifiedKeys = numbers.length === 2 && numbers[1] !== 0;
    return true;
  },
  ">u": (numbers, state) => {
    if (numbers.length > 1) return false;
    state.keyboard(1);
    return true;
  },
  "<u": (numbers, state) => {
    if (numbers.length > 1) return false;
    state.keyboard(-Math.max(1, first(numbers)));
    return true;
  },
  "=u": (numbers, state) => {
    if (numbers.length > 2) return false;
    state.keyboardFlags = first(numbers) !== 0;
    return true;
  },
  // questions whose answers are numbers of the terminal's own, or its name
  c: asks(0),
  ">c": asks(0),
  ">q": asks(0),
  n: asks(5, 6),
  "?n": asks(6, 996),
  "?m": asks(4),
  "?u": asks(0),
  "$p": asksMode,
  "?$p": asksMode,
};

/** The name of a control sequence `ESC [ …`, by the bytes that tell what it is; 0 for the two that it may lack. */
export function nameOf(prefix: number, intermediate: number, final: number): number {
  return (prefix << 16) | (intermediate << 8) | final;
}

const BY_NAME = new Map(Object.entries(RULES).map(([name, rule]) => [numbered(name), rule]));

/**
 * Judges a control sequence by its name and its parameters, of which those that are left out count as 0, and notes what it changes.
 * Anything that is not on the list is left out.
 */
export function judge(name: number, numbers: readonly number[], state: ScreenState, options: FilterOptions): Verdict {
  return BY_NAME.get(name)?.(numbers, state, options) ?? false;
}

function numbered(name: string): number {
  const [, prefix = "", intermediate = "", final = ""] = /^([<-?]?)([ -/]?)([@-~])$/.exec(name) ?? [];
  const code = (character: string) => (character === "" ? 0 : character.charCodeAt(0));
  return nameOf(code(prefix), code(intermediate), code(final));
}

function asked(state: ScreenState, passes: boolean): boolean {
  if (passes) state.questions += 1;
  return passes;
}

function inserting(numbers: readonly number[], state: ScreenState, set: boolean): boolean {
  if (numbers.length !== 1 || first(numbers) !== 4) return false;
  state.inserting = set;
  return true;
}

function privateModes(numbers: readonly number[], state: ScreenState, set: boolean): Verdict {
  const [only] = numbers;
  if (numbers.length === 1 && only !== undefined && MODES.has(only)) {
    if (only !== CURSOR_SAVED) state.mode(only, set);
    return true;
  }
  const good = numbers.filter((number) => MODES.has(number));
  for (const number of good) if (number !== CURSOR_SAVED) state.mode(number, set);
  if (good.length === numbers.length) return good.length > 0;
  return good.length > 0 && ascii(`\x1b[?${good.join(";")}${set ? "h" : "l"}`);
}

/** Of `t`: sizes in numbers may be asked for, and the title is put aside by us. Never resizing, nor a title as answer. */
function windowOperation(numbers: readonly number[], { answers, listener }: FilterOptions): boolean {
  const [operation, what = 0] = numbers;
  if ((operation === 22 || operation === 23) && (what === 0 || what === 2)) listener.titleStack(operation === 22 ? "push" : "pop");
  return answers && numbers.length === 1 && (operation === 14 || operation === 16 || operation === 18);
}
