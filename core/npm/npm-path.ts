import { dirname } from "node:path";
import { findProgram } from "../support/programs.ts";
import { fail } from "./failures.ts";

/** Absolute path of the npm to use: the one beside the running Node, else the first on the PATH. Throws NPM_MISSING. */
export function findNpm(what: string, folders: readonly string[], node: string = process.execPath): string {
  const found = findProgram("npm", [dirname(node), ...folders]);
  if (found === undefined) throw fail("NPM_MISSING", { what });
  return found;
}
