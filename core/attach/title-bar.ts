/** The mark on every title that a program in the guest sets. */
export const TITLE_MARK = "cloche: ";
const NOTICE_MARK = "[cloche] ";
/** How long a notice stands in the title, in ms. */
const NOTICE_MS = 20_000;
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
  #title: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #touched = false;

  constructor(write: (bytes: string) => void) {
    this.#write = write;
  }

  /** The program's title, without the mark. */
  set(title: string): void {
    this.#title = title;
    if (this.#timer === undefined) this.#show(this.#own());
  }

  /** Shows a line of ours in place of the title for a while. */
  notice(line: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#show(this.#own());
    }, NOTICE_MS).unref();
    this.#show(NOTICE_MARK + line);
  }

  /** Gives the user's own title back; nothing is shown from then on. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#touched) this.#write("\x1b[23;0t");
    this.#touched = false;
  }

  #own(): string {
    return this.#title === undefined ? TITLE_MARK.trimEnd().replace(/:$/, "") : TITLE_MARK + this.#title;
  }

  #show(text: string): void {
    if (!this.#touched) this.#write("\x1b[22;0t");
    this.#touched = true;
    this.#write(`\x1b]0;${text}\x07`);
  }
}
