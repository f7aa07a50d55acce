import { createHash } from "node:crypto";
import { lstatSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { privateDirectory } from "../config/directories.ts";
import { fail } from "./failures.ts";

/** What is kept for one project between its sessions, in the user's state directory. */
export interface KeptState {
  /** Real path of the project. */
  readonly project: string;
  /** Which parts keep something, such as "claude". */
  readonly parts: readonly string[];
  readonly files: number;
  readonly bytes: number;
  /** When something in it last changed, ISO 8601; null when there is nothing. */
  readonly changed: string | null;
}

const PROJECT_FILE = "project.json";
const MOST_ENTRIES = 200_000;
const FOLDER = /^[0-9a-f]{32}$/;

/**
 * The directory in which a part keeps what belongs to a project from one session to the next; made when it is not there. What is in it a
 * guest wrote: nothing on the host follows its links or runs it. Throws DIRECTORY_NOT_OURS.
 */
export function keptDirectory(stateDir: string, project: string, part: string): string {
  const folder = join(keptFolder(stateDir), nameOf(project));
  for (const path of [stateDir, keptFolder(stateDir), folder, join(folder, part)]) privateDirectory(path, "XDG_STATE_HOME");
  writeFileSync(join(folder, PROJECT_FILE), `${JSON.stringify({ project })}\n`, { mode: 0o600 });
  return join(folder, part);
}

/** What is kept, for all projects, those with the latest changes first. */
export async function listKept(stateDir: string): Promise<readonly KeptState[]> {
  const folders = await readdir(keptFolder(stateDir)).catch(() => []);
  const found = await Promise.all(folders.filter((name) => FOLDER.test(name)).map((name) => look(join(keptFolder(stateDir), name))));
  return found.filter((kept) => kept !== undefined).sort((a, b) => (b.changed ?? "").localeCompare(a.changed ?? ""));
}

/** Removes what is kept for a project, and answers what it was; throws STATE_NONE. */
export async function forgetKept(stateDir: string, project: string): Promise<KeptState> {
  const folder = join(keptFolder(stateDir), nameOf(project));
  const kept = await look(folder);
  if (!kept) throw fail("STATE_NONE", { project });
  rmSync(folder, { recursive: true, force: true });
  return kept;
}

function keptFolder(stateDir: string): string {
  return join(stateDir, "kept");
}

function nameOf(project: string): string {
  return createHash("sha256").update(project).digest("hex").slice(0, 32);
}

async function look(folder: string): Promise<KeptState | undefined> {
  const project = projectOf(folder);
  if (project === undefined) return undefined;
  const parts = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory()).map(({ name }) => name);
  let files = 0;
  let bytes = 0;
  let latestMs = 0;
  // link by link, never through one: the guest wrote all of it
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.slice(0, MOST_ENTRIES)) {
    if (entry.isDirectory() || (entry.parentPath === folder && entry.name === PROJECT_FILE)) continue;
    const facts = await lstat(join(entry.parentPath, entry.name)).catch(() => undefined);
    if (!facts) continue;
    files += 1;
    bytes += Math.min(facts.size, facts.blocks * 512); // a disk is sparse
    latestMs = Math.max(latestMs, facts.mtimeMs);
  }
  return { project, parts, files, bytes, changed: files === 0 ? null : new Date(latestMs).toISOString() };
}

function projectOf(folder: string): string | undefined {
  try {
    const file = join(folder, PROJECT_FILE);
    if (!lstatSync(file).isFile()) return undefined;
    const { project } = JSON.parse(readFileSync(file, "utf8")) as { project?: unknown };
    return typeof project === "string" ? project : undefined;
  } catch {
    return undefined;
  }
}
