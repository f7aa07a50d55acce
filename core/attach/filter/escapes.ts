import { ascii } from "./bytes.ts";
import type { Verdict } from "./control-sequences.ts";
import type { ScreenState } from "./screen-state.ts";

// Save and restore the cursor, index, next line, reverse index, set a tab.
const PASSING = "78DEMH";
const CHARSET = /^[()*+][0AB]$/;

/** Judges an escape sequence of two or three bytes, given without its ESC, and notes what it changes. */
export function judgeEscape(sequence: string, state: ScreenState): Verdict {
  if (PASSING.includes(sequence)) return true;
  if (sequence === "=" || sequence === ">") {
    state.keypad = sequence === "=";
    return true;
  }
  if (CHARSET.test(sequence)) {
    state.charset = true;
    return true;
  }
  // A full reset would take the user's modes and scrolled-off lines along: a soft one, and an empty screen.
  if (sequence === "c") return ascii(`${state.restore()}\x1b[!p\x1b[2J\x1b[H`);
  return false;
}
