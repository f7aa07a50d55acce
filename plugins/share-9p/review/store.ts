import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { identify, isIdentity, lifeOf, type ProcessIdentity } from "../../../core/index.ts";
import type { Bytes } from "../tree/bytes.ts";
import { CHANGE, type Change } from "./change.ts";
import { Vault } from "./vault.ts";

const ABOUT = z.object({ version: z.literal(1), project: z.string(), session: z.string(), began: z.string(), owner: z.custom<ProcessIdentity>(isIdentity) });
const LINE = z.union([z.object({ set: CHANGE }), z.object({ unset: z.string() })]);

/**
 * The changes of one session in review mode, on the host's disk until they are applied or dropped. A log that only grows says what they
 * are, so that a session that is killed loses no more than what was not told yet; contents lie encrypted beside it.
 */
export class ChangeStore {
  readonly session: string;
  readonly began: string;
  readonly vault: Vault;
  readonly #owner: ProcessIdentity;
  readonly #folder: string;
  readonly #changes: Map<Bytes, Change>;
  #next: number;

  private constructor(folder: string, about: z.output<typeof ABOUT>, vault: Vault, changes: Map<Bytes, Change>) {
    this.#folder = folder;
    this.session = about.session;
    this.began = about.began;
    this.#owner = about.owner;
    this.vault = vault;
    this.#changes = changes;
    this.#next = 1 + Math.max(0, ...readdirSync(join(folder, "vault")).map((name) => Number(name) || 0));
  }

  /** Begins the changes of a session. */
  static make(stateDir: string, project: string, session: string): ChangeStore {
    const owner = identify(process.pid);
    if (!owner) throw new Error("/proc does not know this process");
    const about = { version: 1 as const, project, session, began: new Date().toISOString(), owner };
    const folder = join(folderOf(stateDir, project), `${about.began.replace(/[^0-9]/g, "")}-${session}`);
    const vault = Vault.make(join(folder, "vault"));
    writeFileSync(join(folder, "about.json"), JSON.stringify(about), { mode: 0o600 });
    return new ChangeStore(folder, about, vault, new Map());
  }

  /** Takes over what a session left that goes on now; undefined when it left nothing. */
  static goOn(stateDir: string, project: string, session: string): ChangeStore | undefined {
    const owner = identify(process.pid);
    const left = ChangeStore.all(stateDir, project).filter((store) => store.session === session && !store.isOpen).at(-1);
    if (!owner || !left) return undefined;
    const about = { version: 1 as const, project, session, began: left.began, owner };
    writeFileSync(join(left.#folder, "about.json"), JSON.stringify(about), { mode: 0o600 });
    return ChangeStore.open(left.#folder);
  }

  /** What is kept of a project's sessions, oldest first. */
  static all(stateDir: string, project: string): readonly ChangeStore[] {
    const folder = folderOf(stateDir, project);
    if (!existsSync(folder)) return [];
    return readdirSync(folder).sort().flatMap((name) => open(join(folder, name)) ?? []);
  }

  /** Opens what a session left; throws when it is not ours. */
  static open(folder: string): ChangeStore {
    const about = ABOUT.parse(JSON.parse(readFileSync(join(folder, "about.json"), "utf8")));
    return new ChangeStore(folder, about, Vault.open(join(folder, "vault")), readLog(join(folder, "log")));
  }

  /** Whether the session still runs and may change more. */
  get isOpen(): boolean {
    return lifeOf(this.#owner) !== "ended";
  }

  /** The changes, by path. */
  get changes(): ReadonlyMap<Bytes, Change> {
    return this.#changes;
  }

  /** A number for a content that is to be kept. */
  number(): number {
    return this.#next++;
  }

  set(change: Change): void {
    this.#forget(this.#changes.get(change.path)?.blob, change.blob);
    this.#changes.set(change.path, change);
    this.#append({ set: change });
  }

  /** The path is as the host has it: undone in the guest, applied or refused. */
  unset(path: Bytes): void {
    const change = this.#changes.get(path);
    if (change === undefined) return;
    this.#changes.delete(path);
    this.#append({ unset: path });
    this.#forget(change.blob);
    this.#forget(change.base.blob);
  }

  /** Removes everything. */
  drop(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #append(line: z.output<typeof LINE>): void {
    // Begun on a line of its own, whatever a kill or a full disk left before it.
    appendFileSync(join(this.#folder, "log"), `\n${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  #forget(blob: number | undefined, instead?: number): void {
    if (blob !== undefined && blob !== instead) this.vault.remove(blob);
  }
}

function open(folder: string): ChangeStore | undefined {
  try {
    return ChangeStore.open(folder);
  } catch {
    return undefined; // cut short by a crash before anything was in it
  }
}

function readLog(file: string): Map<Bytes, Change> {
  const changes = new Map<Bytes, Change>();
  for (const line of existsSync(file) ? readFileSync(file, "utf8").split("\n") : []) {
    const read = LINE.safeParse(parse(line));
    if (!read.success) continue; // the last line of a process that was killed, or of a disk that was full
    if ("set" in read.data) changes.set(read.data.set.path, read.data.set);
    else changes.delete(read.data.unset);
  }
  return changes;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function folderOf(stateDir: string, project: string): string {
  const folder = join(stateDir, "changes", createHash("sha256").update(project).digest("hex").slice(0, 32));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
