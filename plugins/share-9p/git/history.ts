import { randomBytes } from "node:crypto";
import { closeSync } from "node:fs";
import { openDirectory } from "../tree/beneath.ts";
import type { Bytes } from "../tree/bytes.ts";
import { mayCacheUntracked } from "./untracked-cache.ts";
import { survey, TooMuch, type Seen } from "./survey.ts";

/** What changed in a tree since a moment that a token stands for: these files, whole directories among them, or anything. */
export interface Changes {
  readonly token: string;
  readonly paths: readonly Bytes[] | "anything";
}

interface Entry {
  stamp: string;
  /** The survey that last found it changed. */
  changed: number;
  /** The survey that last saw it. */
  seen: number;
  /** It changed so shortly before it was looked at that the next change might look the same. */
  fresh: boolean;
}

/** How a tree is looked at. */
export interface HistorySetting {
  /** Directories of which the guest sees something else than the host: anything may have changed there. */
  readonly local: readonly Bytes[];
  readonly signal: AbortSignal;
}

const GONE = "";
/** How coarse a file system's clock may be, in s. */
const COARSE = 3;
const MOST_GONE = 100_000;
const MOST_TOLD = 20_000;

/**
 * Knows which files of a tree changed from one question to the next, whoever changed it, by looking at all of it at each. A watch of inotify(7)
 * is not what this rests on: it says nothing of what is written through a mapping, and may lose what it had to say. Nothing is looked at before the first question.
 */
export class History {
  readonly #root: Bytes;
  readonly #setting: HistorySetting;
  readonly #entries = new Map<Bytes, Entry>();
  readonly #always = new Set<Bytes>();
  #life = newLife();
  #survey = 0;
  #gone = 0;
  #hopeless = false;
  #next: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(root: Bytes, setting: HistorySetting) {
    this.#root = root;
    this.#setting = setting;
  }

  /** What changed below a directory ("" for all) since the token was given. Never throws: what is not known is "anything". */
  async since(token: string, directory: Bytes): Promise<Changes> {
    await this.#lookAgain();
    const fresh = { token: `9p:${this.#life}:${this.#survey}` };
    const [, life, number = ""] = /^9p:([0-9a-f]+):(\d{1,15})$/.exec(token) ?? [];
    const last = Number(number);
    if (this.#hopeless || !this.#isSeen(directory) || mayCacheUntracked(this.#root, directory) || life !== this.#life || last > this.#survey) return { ...fresh, paths: "anything" };
    const within = directory === "" ? "" : `${directory}/`;
    const paths: Bytes[] = [];
    for (const [path, { changed }] of this.#entries) if (changed > last && path.startsWith(within)) paths.push(path.slice(within.length));
    for (const path of this.#always) if (path.startsWith(within)) paths.push(path.slice(within.length));
    return { ...fresh, paths: paths.length > MOST_TOLD ? "anything" : paths };
  }

  /** Whether what lies in a directory is looked at. */
  #isSeen(directory: Bytes): boolean {
    if (/(^|\/)\.git(\/|$)/.test(directory)) return false;
    for (const path of this.#always) if (`${directory}/`.startsWith(`${path}/`)) return false;
    try {
      closeSync(openDirectory(this.#root, directory));
      return true;
    } catch {
      return false; // the guest has something there that the host does not have
    }
  }

  /** A survey that begins after this call; those who come while one runs share the one after it. */
  async #lookAgain(): Promise<void> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return (this.#running = this.#look());
    });
    await this.#next;
  }

  async #look(): Promise<void> {
    if (this.#hopeless) return;
    const sure = Date.now() / 1000 - COARSE;
    this.#survey += 1;
    this.#always.clear();
    for (const path of this.#setting.local) this.#always.add(path);
    try {
      await survey(this.#root, (seen) => this.#note(seen, sure), this.#setting.signal);
      for (const entry of this.#entries.values()) if (entry.seen !== this.#survey && entry.stamp !== GONE) this.#lose(entry);
      if (this.#gone > MOST_GONE) this.#forget();
    } catch (error) {
      this.#hopeless = error instanceof TooMuch;
      this.#forget();
    }
  }

  #note({ path, stamp, changedAt }: Seen, sure: number): void {
    if (stamp === undefined) return void this.#always.add(path);
    const entry = this.#entries.get(path);
    const fresh = changedAt > sure;
    if (entry === undefined) return void this.#entries.set(path, { stamp, changed: this.#survey, seen: this.#survey, fresh });
    if (entry.stamp === GONE) this.#gone -= 1;
    if (entry.stamp !== stamp || entry.fresh) entry.changed = this.#survey;
    Object.assign(entry, { stamp, seen: this.#survey, fresh });
  }

  #lose(entry: Entry): void {
    this.#gone += 1;
    Object.assign(entry, { stamp: GONE, changed: this.#survey, fresh: false });
  }

  /** From here on no earlier token means anything. */
  #forget(): void {
    this.#entries.clear();
    this.#gone = 0;
    this.#life = newLife();
  }
}

function newLife(): string {
  return randomBytes(12).toString("hex");
}
