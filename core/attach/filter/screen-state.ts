// Set in a terminal that nobody has touched: wrapping at the right edge, and a visible cursor.
const NORMALLY_SET: readonly number[] = [7, 25];
const OTHER_SCREEN: readonly number[] = [47, 1047, 1049];
const DEEPEST = 99;

/**
 * What a program has set on the user's terminal (another screen, mouse reports, a hidden cursor, colours), so that it can be set back
 * when the program did not. Only the filter changes it, so that every list in it is as short as the filter's own.
 */
export class ScreenState {
  readonly #modes = new Map<number, boolean>();
  /** Entries on the stacks of kitty's keyboard modes: of the normal screen and of the other one. */
  readonly #keyboards = [0, 0];
  /** How many questions were passed on, which the terminal answers into its input. */
  questions = 0;
  /** Whether text has colours or other attributes. */
  colours = false;
  /** Whether lines are put in rather than overwritten. */
  inserting = false;
  /** Whether only a part of the screen scrolls. */
  region = false;
  cursorStyle = false;
  keyboardFlags = false;
  modifiedKeys = false;
  keypad = false;
  charset = false;
  link = false;

  /** A private mode is set or reset. */
  mode(number: number, set: boolean): void {
    if (set === NORMALLY_SET.includes(number)) this.#modes.delete(number);
    else this.#modes.set(number, set);
  }

  /** An entry is put on the stack of keyboard modes, or so many are taken off. */
  keyboard(change: number): void {
    const screen = this.#onOther() ? 1 : 0;
    this.#keyboards[screen] = Math.min(Math.max((this.#keyboards[screen] ?? 0) + change, 0), DEEPEST);
  }

  /** What to send so that the terminal is as it was; nothing when nothing is left set. */
  restore(): string {
    const other = this.#onOther();
    const modes = [...this.#modes].map(([mode, set]) => `\x1b[?${mode}${set ? "l" : "h"}`);
    const sent = [
      this.link ? "\x1b]8;;\x1b\\" : "",
      other ? pops(this.#keyboards[1]) : "",
      ...modes,
      pops(this.#keyboards[0]),
      this.keyboardFlags ? "\x1b[=0u" : "",
      this.modifiedKeys ? "\x1b[>4m" : "",
      this.inserting ? "\x1b[4l" : "",
      this.region ? "\x1b7\x1b[r\x1b8" : "", // it also moves the cursor
      this.cursorStyle ? "\x1b[0 q" : "",
      this.keypad ? "\x1b>" : "",
      this.charset ? "\x1b(B\x1b)B\x0f" : "",
      this.colours ? "\x1b[0m" : "",
    ];
    this.#modes.clear();
    this.#keyboards.fill(0);
    this.link = this.keyboardFlags = this.modifiedKeys = this.inserting = false;
    this.region = this.cursorStyle = this.keypad = this.charset = this.colours = false;
    return sent.join("");
  }

  #onOther(): boolean {
    return OTHER_SCREEN.some((mode) => this.#modes.get(mode));
  }
}

function pops(entries = 0): string {
  return entries > 0 ? `\x1b[<${entries}u` : "";
}
