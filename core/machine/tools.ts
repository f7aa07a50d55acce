import { findProgram } from "../support/programs.ts";
import { fail } from "./failures.ts";

// Never the PATH of the user, which may hold a directory of the project.
const DIRECTORIES = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin", "/usr/local/sbin"];

/** The absolute path of a program of the host's system, such as "bwrap"; throws TOOL_MISSING. */
export function systemTool(name: string): string {
  const path = findProgram(name, DIRECTORIES);
  if (path === undefined) throw fail("TOOL_MISSING", { name });
  return path;
}
