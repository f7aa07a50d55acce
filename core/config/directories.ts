import { lstatSync, mkdirSync, type Stats } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { fail } from "./failures.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where cloche keeps what: absolute paths by the XDG base directory specification. They need not exist yet. */
export interface Directories {
  /** The user's own configuration. */
  readonly config: string;
  /** What can be made again: images, templates, downloads. */
  readonly cache: string;
  /** What outlives a session: answers, audits, verdicts. */
  readonly state: string;
  /** What lives as long as sessions do: sockets, keys, records. */
  readonly runtime: string;
}

/** The directories for this user and environment; relative values of XDG variables are ignored, as the specification says. */
export function directories(env: Environment = process.env): Directories {
  const home = homeOf(env);
  const below = (variable: string, fallback: string) => join(absolute(env[variable]) ?? join(home, fallback), "cloche");
  return {
    config: below("XDG_CONFIG_HOME", ".config"),
    cache: below("XDG_CACHE_HOME", ".cache"),
    state: below("XDG_STATE_HOME", ".local/state"),
    runtime: runtimeDirectory(env),
  };
}

/** The user's home directory as the environment has it. */
export function homeOf(env: Environment): string {
  return absolute(env["HOME"]) ?? homedir();
}

function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

function runtimeDirectory(env: Environment): string {
  const given = absolute(env["XDG_RUNTIME_DIR"]);
  // `su` keeps the variable of the user before, whose directory is not ours
  if (given !== undefined && statOf(given)?.uid === ownUid()) return join(given, "cloche");
  return join(tmpdir(), `cloche-${ownUid()}`);
}

/**
 * Makes a directory that only this user can enter, or checks the one that is there: it must be a directory, no link, ours, and
 * closed to others. Throws DIRECTORY_NOT_OURS, naming the XDG variable by which the user can choose another.
 */
export function privateDirectory(directory: string, variable: string): string {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw fail("DIRECTORY_NOT_OURS", { directory, reason: (cause as Error).message, variable }, { cause });
  }
  const reason = objection(statOf(directory));
  if (reason !== undefined) throw fail("DIRECTORY_NOT_OURS", { directory, reason, variable });
  return directory;
}

function objection(stat: Stats | undefined): string | undefined {
  if (stat === undefined) return "it vanished";
  if (stat.isSymbolicLink()) return "it is a link";
  if (!stat.isDirectory()) return "it is not a directory";
  if (stat.uid !== ownUid()) return `it belongs to the user with number ${stat.uid}`;
  if ((stat.mode & 0o077) !== 0) return `others may enter it (mode ${(stat.mode & 0o777).toString(8)})`;
  return undefined;
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function ownUid(): number {
  return process.getuid?.() ?? -1;
}
