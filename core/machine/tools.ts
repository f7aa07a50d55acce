import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { fail } from "./failures.ts";

// Never the PATH of the user, which may hold a directory of the project.
const DIRECTORIES = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin", "/usr/local/sbin"];

/** The absolute path of a program of the host's system, such as "bwrap"; throws TOOL_MISSING. */
export function systemTool(name: string): string {
  for (const directory of DIRECTORIES) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  throw fail("TOOL_MISSING", { name });
}
