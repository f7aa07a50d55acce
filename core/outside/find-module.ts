import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { messageOf } from "../support/errors.ts";
import { fail } from "./failures.ts";

const INDEXES = ["index.ts", "index.mts", "index.js", "index.mjs"];

/** One entry of `load`: what it says, where that stands, and the directory that relative paths begin at. */
export interface Wanted {
  readonly specifier: string;
  /** The file or variable it stands in; undefined when the user has just typed it. */
  readonly where: string | undefined;
  readonly directory: string;
}

/** Whether it names a file or folder, and not a package. */
export function isPath(specifier: string): boolean {
  return /^(\.{1,2}|~)?\//.test(specifier) || specifier === "." || specifier === "..";
}

/** The real path of the module's file: of a path, or of a package that is installed at or above the directory. Throws PLUGIN_NOT_FOUND. */
export function findModule(wanted: Wanted): string {
  const { specifier, where, directory } = wanted;
  try {
    const path = isPath(specifier) ? pathOf(specifier, directory) : packageFolder(specifier, directory);
    const real = realpathSync(path);
    return statSync(real).isDirectory() ? realpathSync(entryOf(real)) : real;
  } catch (cause) {
    // what a missing file has to say more is the path, in the system's words
    if (isGone(cause)) throw fail("PLUGIN_NOT_FOUND", { specifier, where, reason: "there is no such file or folder" });
    throw fail("PLUGIN_NOT_FOUND", { specifier, where, reason: messageOf(cause) }, { cause });
  }
}

function isGone(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR");
}

function pathOf(specifier: string, directory: string): string {
  if (specifier.startsWith("~/")) return join(homedir(), specifier.slice(2));
  return isAbsolute(specifier) ? specifier : resolve(directory, specifier);
}

function packageFolder(name: string, directory: string): string {
  if (!/^(@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*$/i.test(name)) throw new Error("it is neither a path nor the name of a package");
  for (let folder = directory; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(candidate)) return candidate;
    if (folder === dirname(folder)) throw new Error(`no such package is installed in ${directory}/node_modules or above`);
  }
}

/** What a folder stands for: its package.json says so, else its index. */
function entryOf(folder: string): string {
  const named = namedEntry(join(folder, "package.json"));
  const entry = [...(named === undefined ? [] : [named]), ...INDEXES].map((name) => join(folder, name)).find((path) => existsSync(path));
  if (entry === undefined) throw new Error(`there is no ${named ?? INDEXES.join(", ")} in ${folder}`);
  return entry;
}

function namedEntry(manifest: string): string | undefined {
  if (!existsSync(manifest)) return undefined;
  const { exports, main } = JSON.parse(readFileSync(manifest, "utf8")) as { exports?: unknown; main?: unknown };
  const entry = importTarget(exports) ?? main;
  return typeof entry === "string" ? entry : undefined;
}

/** What `import` of a package gets by its "exports", as Node decides it for the package as a whole. */
function importTarget(exports: unknown): string | undefined {
  if (typeof exports === "string") return exports;
  if (typeof exports !== "object" || exports === null) return undefined;
  for (const [condition, target] of Object.entries(exports)) {
    if (![".", "import", "node", "default"].includes(condition)) continue;
    const found = importTarget(target);
    if (found !== undefined) return found;
  }
  return undefined;
}
