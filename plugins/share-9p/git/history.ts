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

/** One look at the whole tree; the next one may have begun when somebody hears of it. */
interface Look {
  readonly life: string;
  readonly number: number;
  /** Directories that were not looked into. */
  readonly closed: ReadonlySet<Bytes>;
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
  #life = newLife();
  #surveys = 0;
  #gone = 0;
  #hopeless = false;
  #next: Promise<Look> | undefined;
  #running: Promise<unknown> = Promise.resolve();

  constructor(root: Bytes, setting: HistorySetting) {
    this.#root = root;
    this.#setting = setting;
  }

  /** What changed below a directory ("" for all) since the token was given. Never throws: what is not known is "anything". */
  async since(token: string, directory: Bytes): Promise<Changes> {
    const look = await this.#lookAgain();
    const now = `9p:${look.life}:${look.number}`;
    const [, life, number = ""] = /^9p:([0-9a-f]+):(\d{1,15})$/.exec(token) ?? [];
    const last = Number(number);
    const isKnown = !this.#hopeless && life === look.life && life === this.#life && last <= look.number;
    if (!isKnown || !this.#isSeen(directory, look) || mayCacheUntracked(this.#root, directory)) return { token: now, paths: "anything" };
    const within = directory === "" ? "" : `${directory}/`;
    const paths: Bytes[] = [];
    for (const [path, { changed }] of this.#entries) if (changed > last && path.startsWith(within)) paths.push(path.slice(within.length));
    for (const path of look.closed) if (path.startsWith(within)) paths.push(path.slice(within.length));
    return { token: now, paths: paths.length > MOST_TOLD ? "anything" : paths };
  }

  /** Whether what lies in a directory is looked at. */
  #isSeen(directory: Bytes, { closed }: Look): boolean {
    if (/(^|\/)\.git(\/|$)/.test(directory)) return false;
    for (const path of closed) if (`${directory}/`.startsWith(`${path}/`)) return false;
    try {
      closeSync(openDirectory(this.#root, directory));
      return true;
    } catch {
      return false; // the guest has something there that the host does not have
    }
  }

  /** A look that begins after this call; those who come while one is taken share the one after it. */
  #lookAgain(): Promise<Look> {
    return (this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const look = this.#look();
      this.#running = look;
      return look;
    }));
  }

  async #look(): Promise<Look> {
    const sure = Date.now() / 1000 - COARSE;
    const number = (this.#surveys += 1);
    const closed = new Set(this.#setting.local);
    try {
      if (!this.#hopeless) await survey(this.#root, (seen) => (seen.stamp === undefined ? closed.add(seen.path) : this.#note(seen, number, sure)), this.#setting.signal);
      for (const entry of this.#entries.values()) if (entry.seen !== number && entry.stamp !== GONE) this.#lose(entry, number);
      if (this.#gone > MOST_GONE) this.#forget();
    } catch (error) {
      this.#hopeless = error instanceof TooMuch;
      this.#forget();
    }
    return { life: this.#life, number, closed };
  }

  #note({ path, stamp = GONE, changedAt }: Seen, number: number, sure: number): void {
    const entry = this.#entries.get(path);
    const fresh = changedAt > sure;
    if (entry === undefined) return void this.#entries.set(path, { stamp, changed: number, seen: number, fresh });
    if (entry.stamp === GONE) this.#gone -= 1;
    if (entry.stamp !== stamp || entry.fresh) entry.changed = number;
    Object.assign(entry, { stamp, seen: number, fresh });
  }

  #lose(entry: Entry, number: number): void {
    this.#gone += 1;
    Object.assign(entry, { stamp: GONE, changed: number, fresh: false });
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
