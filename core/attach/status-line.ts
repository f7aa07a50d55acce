import type { Guest } from "../machine/guest.ts";
import { escapeLine } from "../support/escape.ts";
import { messageOf } from "../support/errors.ts";
import { logger } from "../support/log.ts";

/** Where the agent finds the line in the guest; /run/cloche itself is root's alone. */
export const STATUS_FILE = "/run/cloche-status";
const APART_MS = 3_000;
const LONGEST_PART = 80;
const log = logger("status");

/** One line on the session, for the agent to show below its input: the name, and what plugins say of how it stands. */
export class StatusLine {
  readonly #session: string;
  readonly #parts = new Map<string, string>();
  #changed: (() => void) | undefined;

  constructor(session: string) {
    this.#session = session;
  }

  /** What a plugin says now, in a few words; undefined takes it away. */
  set(plugin: string, text: string | undefined): void {
    if (text === this.#parts.get(plugin)) return;
    if (text === undefined) this.#parts.delete(plugin);
    else this.#parts.set(plugin, escapeLine(text).slice(0, LONGEST_PART));
    this.#changed?.();
  }

  /** The line as it is now. */
  get text(): string {
    return [`cloche ${this.#session}`, ...this.#parts.values()].join(" · ");
  }

  /** Keeps the line in a file of the guest, until the answered function is called; never in the way of anything. */
  keepIn(guest: Pick<Guest, "writeFile">): () => void {
    let timer: NodeJS.Timeout | undefined;
    let writing = false;
    let written = "";
    const write = async (): Promise<void> => {
      timer = undefined;
      if (writing || this.text === written) return;
      writing = true;
      written = this.text;
      await guest.writeFile(STATUS_FILE, `${written}\n`).catch((error: unknown) => log("%s", messageOf(error)));
      writing = false;
      if (this.text !== written) later();
    };
    const later = (): void => void (timer ??= setTimeout(() => void write(), APART_MS).unref());
    this.#changed = later;
    void write();
    return () => {
      this.#changed = undefined;
      clearTimeout(timer);
    };
  }
}
