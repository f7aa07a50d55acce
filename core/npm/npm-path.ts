import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join, sep } from "node:path";
import { fail } from "./failures.ts";

/**
 * The directories of a PATH that may be searched: absolute, and none that lies in the project, whose own programs the host never
 * runs.
 */
export function trustedPath(path: string | undefined, project: string): readonly string[] {
  return (path ?? "").split(delimiter).filter((folder) => isAbsolute(folder) && !isInside(folder, project));
}

/** Absolute path of the npm to use: the one beside the running Node, else the first on the PATH. Throws NPM_MISSING. */
export function findNpm(what: string, folders: readonly string[], node: string = process.execPath): string {
  const found = [dirname(node), ...folders].map((folder) => join(folder, "npm")).find(isExecutable);
  if (found === undefined) throw fail("NPM_MISSING", { what });
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isInside(folder: string, project: string): boolean {
  try {
    const real = realpathSync(folder);
    return real === project || real.startsWith(project + sep);
  } catch {
    return true; // what does not exist is not searched
  }
}
