const CTRL_V = 0x16;
// The same key as kitty's keyboard protocol and xterm's modifyOtherKeys write it. A modifier counts from 1; control is 4, the locks are
// 64 and 128; events other than a press are 2 and 3.
const PRESSED = /\x1b\[(?:118(?::\d*)*;(\d{1,3})(?::1)?(?:;[\d:]*)?u|27;(\d{1,3});118~)/g;
const CONTROL = 4;
const LOCKS = 64 | 128;
const PASTE = /\x1b\[20([01])~/g;
const LONGEST_MARK = 5;

/**
 * Sees the user press Ctrl+V in what the terminal sends. The same bytes inside of a bracketed paste were not typed, and are none.
 */
export class PasteKey {
  #pasting = false;
  #tail = "";

  /** Whether the key was pressed in this piece of input. */
  isIn(chunk: Buffer): boolean {
    const text = chunk.toString("latin1");
    const marks = [...(this.#tail + text).matchAll(PASTE)];
    // a mark may be cut between two pieces, and what comes before its end is of the state before
    const offset = this.#tail.length;
    this.#tail = (this.#tail + text).slice(-LONGEST_MARK);
    let from = 0;
    let pressed = false;
    for (const mark of marks) {
      const until = Math.max(0, mark.index + mark[0].length - offset);
      if (!this.#pasting) pressed ||= isPressed(text.slice(from, until));
      this.#pasting = mark[1] === "0";
      from = until;
    }
    return pressed || (!this.#pasting && isPressed(text.slice(from)));
  }
}

function isPressed(text: string): boolean {
  if (text.includes(String.fromCharCode(CTRL_V))) return true;
  return [...text.matchAll(PRESSED)].some(([, kitty, xterm]) => ((Number(kitty ?? xterm) - 1) & ~LOCKS) === CONTROL);
}
