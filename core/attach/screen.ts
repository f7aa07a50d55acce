import type { Desk } from "./desk.ts";
import type { FilterListener } from "./filter/listener.ts";
import { ScreenFilter } from "./filter/screen-filter.ts";
import type { LocalOutput } from "./terminal.ts";
import { hasTitle, TitleBar } from "./title-bar.ts";

/** How long a terminal may take for an answer, in ms. */
const ANSWER_MS = 1_000;

/** What a screen is for. */
export interface ScreenOptions {
  /** Whether a program has the whole terminal, its input and title too, rather than printing on it. */
  readonly whole: boolean;
  /** The kind of terminal, as TERM says. */
  readonly term: string | undefined;
  /** What else the program may use; nothing when not given. */
  readonly desk?: Pick<Desk, "notices" | "clipboardBytes" | "attention"> | undefined;
}

/** The user's terminal, as far as a program of the guest gets at it: all that it draws goes through the filter. */
export class Screen {
  readonly #filter: ScreenFilter;
  readonly #title: TitleBar | undefined;
  readonly #stream: LocalOutput;
  readonly #stopFollowing: (() => void) | undefined;
  #askedAt = -Infinity;

  constructor(stream: LocalOutput, options: ScreenOptions) {
    const title = options.whole && hasTitle(options.term) ? new TitleBar((bytes) => void stream.write(bytes)) : undefined;
    this.#stream = stream;
    this.#title = title;
    this.#stopFollowing = options.desk?.notices.follow((line) => title?.notice(line));
    this.#filter = new ScreenFilter({
      answers: options.whole,
      get clipboardBytes() {
        return options.desk?.clipboardBytes ?? 0;
      },
      listener: listenerFor(options, title),
    });
  }

  /** What of a piece of output may be shown. */
  pass(chunk: Buffer): Buffer {
    const before = this.#filter.state.questions;
    const bytes = this.#filter.filter(chunk);
    if (this.#filter.state.questions > before) this.#askedAt = performance.now();
    return bytes;
  }

  /** Whether the terminal may still answer a question of the program, into its input. */
  get mayAnswer(): boolean {
    return performance.now() - this.#askedAt < ANSWER_MS;
  }

  /** The program has written its last byte: what may still be shown. */
  end(): Buffer {
    return this.#filter.end();
  }

  /** Shows the title as it is now; after each piece of output, so that many changes are one. */
  settle(): void {
    this.#title?.settle();
  }

  /** Gives the terminal back as it was: what the program left set, and the title. */
  giveBack(): void {
    this.#stopFollowing?.();
    const left = this.#filter.state.restore();
    if (left !== "") this.#stream.write(left);
    this.#title?.end();
  }
}

function listenerFor({ desk }: ScreenOptions, title: TitleBar | undefined): FilterListener {
  return {
    title: (text) => title?.set(text),
    titleStack: (change) => (change === "push" ? title?.push() : title?.pop()),
    attention: () => desk?.attention(),
    clipboard: (bytes, passed) =>
      desk?.notices.tell(
        passed
          ? `A program in the guest has put ${bytes} bytes on your clipboard.`
          : 'A program in the guest wanted to write your clipboard. "terminal.clipboard: write" in your configuration allows it.',
      ),
  };
}
