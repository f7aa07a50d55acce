import { readBeneath } from "../tree/beneath.ts";
import type { Bytes } from "../tree/bytes.ts";

/** Scripts of packages, by name, by the path of their package.json. */
export type Scripts = ReadonlyMap<Bytes, Readonly<Record<string, string>>>;

const MOST_BYTES = 1024 * 1024;
const MOST_PACKAGES = 300;

/** Reads the scripts of packages. A file that is no package.json has none. */
export function readScripts(root: Bytes, packages: readonly Bytes[]): Scripts {
  return new Map(packages.slice(0, MOST_PACKAGES).map((path) => [path, scriptsIn(readBeneath(root, path, MOST_BYTES))]));
}

/** The names of the scripts that are new or say something else. */
export function changedScripts(before: Readonly<Record<string, string>> | undefined, now: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(now).filter((name) => before?.[name] !== now[name]);
}

function scriptsIn(content: Buffer | undefined): Readonly<Record<string, string>> {
  try {
    const { scripts } = JSON.parse(content?.toString("utf8") ?? "{}") as { scripts?: unknown };
    if (typeof scripts !== "object" || scripts === null) return {};
    return Object.fromEntries(Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  } catch {
    return {};
  }
}
