import type { IParser } from "@xterm/headless";

/** What of a terminal's state the emulator's own account of its screen leaves out. */
export interface ScreenState {
  /** Sequences that set it. */
  restore(): string;
}

const MOST_MODES = 64;
const MOST_LEVELS = 16;
// the screen itself and its copy of the cursor are in the emulator's account
const ACCOUNTED = new Set([47, 1047, 1048, 1049]);
// synchronized output: a program that was in the middle of a frame would keep the new terminal dark
const MOMENTARY = new Set([2026]);

type Params = readonly (number | readonly number[])[];

/** Follows the private modes, the keyboard's extensions and the cursor's shape that a program sets. */
export function followModes(parser: IParser): ScreenState {
  const modes = new Map<number, "h" | "l">();
  const keyboard: number[] = [];
  let otherKeys = "";
  let cursor = "";
  const first = (params: Params): number => (typeof params[0] === "number" ? params[0] : 0);
  for (const final of ["h", "l"] as const) {
    parser.registerCsiHandler({ prefix: "?", final }, (params) => {
      for (const mode of params) {
        if (typeof mode !== "number" || ACCOUNTED.has(mode) || MOMENTARY.has(mode)) continue;
        modes.delete(mode);
        if (modes.size < MOST_MODES) modes.set(mode, final);
      }
      return false;
    });
  }
  // kitty's keyboard protocol: flags are pushed, popped, or set on the present level
  parser.registerCsiHandler({ prefix: ">", final: "u" }, (params) => {
    if (keyboard.length < MOST_LEVELS) keyboard.push(first(params));
    return false;
  });
  parser.registerCsiHandler({ prefix: "<", final: "u" }, (params) => {
    keyboard.splice(Math.max(0, keyboard.length - Math.max(1, first(params))));
    return false;
  });
  parser.registerCsiHandler({ prefix: ">", final: "m" }, (params) => {
    otherKeys = first(params) === 4 && typeof params[1] === "number" && params[1] > 0 ? `\x1b[>4;${params[1]}m` : "";
    return false;
  });
  parser.registerCsiHandler({ intermediates: " ", final: "q" }, (params) => {
    cursor = `\x1b[${first(params)} q`;
    return false;
  });
  return {
    restore: () => [...modes].map(([mode, final]) => `\x1b[?${mode}${final}`).join("") + keyboard.map((flags) => `\x1b[>${flags}u`).join("") + otherKeys + cursor,
  };
}
