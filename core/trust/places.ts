import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { privateDirectory } from "../config/directories.ts";

/** Where answers, copies and notes of trust are, below the user's state directory; made, and checked to be the user's alone. */
export function trustFolder(state: string): string {
  return privateDirectory(join(state, "trust"), "XDG_STATE_HOME");
}

/** The folder of the copies of trusted code, one folder each by its hash; by its real path, as Node will name what it loads there. */
export function copiesFolder(state: string): string {
  return real(join(state, "trust", "code"));
}

/** A file name for what is kept about a directory. */
export function nameFor(directory: string): string {
  return `${createHash("sha256").update(directory).digest("hex").slice(0, 40)}.json`;
}

/** The real path, with the part that is not there yet left as it is. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path === dirname(path) ? path : join(real(dirname(path)), basename(path));
  }
}
