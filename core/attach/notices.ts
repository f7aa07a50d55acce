import { escapeLine } from "../support/escape.ts";

/** Hears each notice, one safe line. */
export type NoticeListener = (line: string) => void;

/** The same text within this time is told once, in ms. */
const SAME_MS = 60_000;
const MOST_REMEMBERED = 100;
const LONGEST = 300;

/**
 * What plugins tell the user while a program has the whole screen. Whoever draws the screen shows it in the terminal's title; it is
 * also kept as a line for after the program.
 */
export class Notices {
  readonly #keep: NoticeListener;
  readonly #listeners = new Set<NoticeListener>();
  readonly #told = new Map<string, number>();

  /** `keep` gets each line, to show it when the screen is ours again. */
  constructor(keep: NoticeListener) {
    this.#keep = keep;
  }

  /** Tells the user one line; what could harm a terminal is made visible, and a repetition within a minute is left out. */
  tell(text: string): void {
    const escaped = escapeLine(text);
    const line = escaped.length > LONGEST ? `${escaped.slice(0, LONGEST)}…` : escaped;
    const now = performance.now();
    const before = this.#told.get(line);
    if (before !== undefined && now - before < SAME_MS) return;
    this.#told.delete(line);
    this.#told.set(line, now);
    if (this.#told.size > MOST_REMEMBERED) this.#told.delete(this.#told.keys().next().value ?? "");
    this.#keep(line);
    for (const listener of this.#listeners) listener(line);
  }

  /** Hears what is told from now on, until the answered function is called. */
  follow(listener: NoticeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
