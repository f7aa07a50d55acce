/** The mark on every title that a program in the guest sets. */
const MARK = "cloche";
const NOTICE_MARK = "[cloche] ";
/** How long a notice stands in the title, in ms. */
const NOTICE_MS = 20_000;
const MOST_PUT_ASIDE = 10;
// Terminals whose title cannot be set, and which might print the attempt.
const NO_TITLE = /^(dumb|linux|vt\d.*|ansi)?$/;

/** Whether terminals of this kind have a title. */
export function hasTitle(term: string | undefined): boolean {
  return !NO_TITLE.test(term ?? "");
}

/**
 * The title of the user's terminal while a program of the guest has it: the program's own title with our mark, or a notice of ours
 * for a while. The user's title is put aside first and comes back at the end. All text it is given is safe already.
 */
export class TitleBar {
  readonly #write: (bytes: string) => void;
  readonly #aside: (string | undefined)[] = [];
  #title: string | undefined;
  #shown: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (bytes: string) => void) {
    this.#write = write;
  }

  /** The program's title, without the mark; `settle` shows it. */
  set(title: string): void {
    this.#title = title;
  }

  /** The program puts its title aside. */
  push(): void {
    if (this.#aside.length < MOST_PUT_ASIDE) this.#aside.push(this.#title);
  }

  /** The program takes the title back that it put aside last. */
  pop(): void {
    if (this.#aside.length > 0) this.#title = this.#aside.pop();
  }

  /** Shows the program's title when it is another one than before. */
  settle(): void {
    const isUntouched = this.#shown === undefined && this.#title === undefined;
    if (this.#timer === undefined && !isUntouched) this.#show(this.#title ? `${MARK}: ${this.#title}` : MARK);
  }

  /** Shows a line of ours in place of the title for a while. */
  notice(line: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.settle();
    }, NOTICE_MS).unref();
    this.#show(NOTICE_MARK + line);
  }

  /** Gives the user's own title back; nothing is shown from then on. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#shown !== undefined) this.#write("\x1b[23;0t");
    this.#shown = this.#title = undefined;
  }

  #show(text: string): void {
    if (text === this.#shown) return;
    if (this.#shown === undefined) this.#write("\x1b[22;0t");
    this.#shown = text;
    this.#write(`\x1b]0;${text}\x07`);
  }
}
