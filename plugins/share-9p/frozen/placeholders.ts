import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { identify, isIdentity, lifeOf, type HoldWish, type ProcessIdentity } from "../../../core/index.ts";
import type { Bytes } from "../tree/bytes.ts";
import { takeAway } from "./take-away.ts";

/** What was put in a path's place, with "directory" for an empty one. */
export type Placeholder = NonNullable<HoldWish["placeholder"]>;

const NOTE = z.object({
  version: z.literal(1),
  project: z.string(),
  /** The process that keeps the session. */
  owner: z.custom<ProcessIdentity>(isIdentity),
  ended: z.boolean(),
  made: z.array(z.tuple([z.string(), z.union([z.literal("directory"), z.object({ content: z.string() })])])),
});
type Note = z.output<typeof NOTE>;

/**
 * The placeholders that sessions have in one project, noted on disk before they are made. Each session has a note of its own there;
 * the last one to end takes away what all of them made. Nothing is locked: a session that comes at that very moment sees its
 * placeholders go, as when somebody else removes them, and makes them again.
 */
export class Placeholders {
  readonly #folder: string;
  readonly #file: string;
  #note: Note;

  private constructor(folder: string, file: string, note: Note) {
    this.#folder = folder;
    this.#file = file;
    this.#note = note;
  }

  /** Begins a session's note in the user's state directory. */
  static begin(stateDir: string, { project, session }: { readonly project: Bytes; readonly session: string }): Placeholders {
    const owner = identify(process.pid);
    if (!owner) throw new Error("/proc does not know this process");
    const folder = join(stateDir, "placeholders", createHash("sha256").update(project, "latin1").digest("hex").slice(0, 32));
    const file = join(folder, `${session}-${owner.pid}.json`); // a session has one for each directory that it lends
    const placeholders = new Placeholders(folder, file, { version: 1, project, owner, ended: false, made: [] });
    placeholders.#write();
    return placeholders;
  }

  /** Takes up the note in this file, of a session that cannot end it itself; undefined when there is none. */
  static of(file: string): Placeholders | undefined {
    const note = read(file);
    return note && new Placeholders(join(file, ".."), file, note);
  }

  /** What stands in for something, also when another session put it there. */
  get made(): readonly (readonly [Bytes, Placeholder])[] {
    return this.#note.made;
  }

  /** The file of the note. */
  get file(): string {
    return this.#file;
  }

  /** Notes those of the paths that other sessions, running or killed, put something in the place of: it is to stay for us too. */
  adopt(paths: readonly Bytes[]): void {
    const wanted = new Set(paths);
    this.add(this.#all().flatMap(({ made }) => made).filter(([path]) => wanted.has(path)));
  }

  /** Notes what is about to be made, so that it is taken away whatever happens next. */
  add(made: readonly (readonly [Bytes, Placeholder])[]): void {
    const noted = new Map([...this.#note.made, ...made]);
    if (noted.size === this.#note.made.length) return;
    this.#note = { ...this.#note, made: [...noted] };
    this.#write();
  }

  /** Ends the note. When no other session lives in the project, everything that is still as it was made goes. */
  end(): void {
    this.#note = { ...this.#note, ended: true };
    this.#write();
    const notes = this.#all();
    if (notes.some((note) => !note.ended && lifeOf(note.owner) !== "ended")) return;
    const made = new Map(notes.flatMap((note) => note.made));
    takeAway(this.#note.project, made);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #all(): Note[] {
    return readdirSync(this.#folder).flatMap((name) => (name.endsWith(".json") ? (read(join(this.#folder, name)) ?? []) : []));
  }

  #write(): void {
    const fresh = `${this.#file}.new`;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    writeFileSync(fresh, JSON.stringify(this.#note), { mode: 0o600 });
    renameSync(fresh, this.#file);
  }
}

function read(file: string): Note | undefined {
  try {
    return NOTE.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined; // gone meanwhile, or cut short by a crash of the host, with nothing made yet
  }
}
