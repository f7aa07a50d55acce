import { readdirSync, readFileSync } from "node:fs";

/** The names in a folder of apt's configuration; none when there is no such folder. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The text of a file of apt's configuration, empty when we may not read it: apt, run by this user, could not have used it either. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
