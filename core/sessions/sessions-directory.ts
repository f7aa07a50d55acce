import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { privateDirectory } from "../config/directories.ts";

/** Where the directories of all sessions of this user lie, below the runtime directory. */
export function sessionsDirectory(runtimeDirectory: string): string {
  return join(runtimeDirectory, "sessions");
}

/** Where the directory of one session lies; its name is the session's. */
export function runDirectory(runtimeDirectory: string, name: string): string {
  return join(sessionsDirectory(runtimeDirectory), name);
}

/** Makes the directory of all sessions, or checks the one that is there; throws DIRECTORY_NOT_OURS. */
export function ensureSessionsDirectory(runtimeDirectory: string): string {
  privateDirectory(runtimeDirectory, "XDG_RUNTIME_DIR");
  return privateDirectory(sessionsDirectory(runtimeDirectory), "XDG_RUNTIME_DIR");
}

/** Whether this is a directory of this user, no link, that nobody else may enter. */
export async function isPrivateDirectory(path: string): Promise<boolean> {
  try {
    const facts = await lstat(path);
    return facts.isDirectory() && facts.uid === process.getuid?.() && (facts.mode & 0o077) === 0;
  } catch {
    return false;
  }
}
