import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, sep } from "node:path";

/** Whether there is a program at a path that we may run. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The first program of a name in these directories, as an absolute path. */
export function findProgram(name: string, directories: readonly string[]): string | undefined {
  return directories.map((directory) => join(directory, name)).find(isProgram);
}

/**
 * The directories of a PATH that may be searched: absolute, and none that lies in the project, whose own programs the host never
 * runs.
 */
export function trustedPath(path: string | undefined, project: string): readonly string[] {
  return (path ?? "").split(delimiter).filter((directory) => isAbsolute(directory) && !isInside(directory, project));
}

function isInside(directory: string, project: string): boolean {
  try {
    const real = realpathSync(directory);
    return real === project || real.startsWith(project + sep);
  } catch {
    return true; // what does not exist is not searched
  }
}
