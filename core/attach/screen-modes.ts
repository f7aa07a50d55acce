// Private modes of a terminal (DEC's and xterm's): `ESC [ ? NUMBERS h` sets, `… l` resets.
const PRIVATE_MODE = /\x1b\[\?([0-9;]{1,40})([hl])/g;
const LONGEST = 48;
// Set in a terminal that nobody has touched: wrapping at the right edge, and a visible cursor.
const NORMALLY_SET = new Set(["7", "25"]);
const MOST_MODES = 64;

/**
 * Follows which modes a program sets on the user's terminal (another screen, mouse reports, a hidden cursor), so that they can be
 * set back when the program could not do it itself.
 */
export class ScreenModes {
  readonly #changed = new Map<string, boolean>();
  #tail = "";

  /** Looks at a piece of what the terminal is sent. */
  watch(chunk: Buffer): void {
    const text = this.#tail + chunk.toString("latin1");
    let past = 0;
    for (const match of text.matchAll(PRIVATE_MODE)) {
      past = match.index + match[0].length;
      for (const mode of (match[1] ?? "").split(";")) this.#note(mode, match[2] === "h");
    }
    this.#tail = text.slice(Math.max(past, text.length - LONGEST));
  }

  /** What to send so that the terminal is as it was: modes, colours, the keypad and the keyboard's extensions. */
  restore(): string {
    const modes = [...this.#changed].map(([mode, set]) => `\x1b[?${mode}${set ? "l" : "h"}`);
    this.#changed.clear();
    return `${modes.join("")}\x1b[<u\x1b[>4m\x1b[0m\x1b>`;
  }

  #note(mode: string, set: boolean): void {
    if (set === NORMALLY_SET.has(mode)) this.#changed.delete(mode);
    else if (this.#changed.size < MOST_MODES) this.#changed.set(mode, set);
  }
}
