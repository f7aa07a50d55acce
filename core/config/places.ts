import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fail } from "./failures.ts";

const CODE = ["js", "cjs", "mjs", "ts", "cts", "mts"];
const DATA = ["", ".json", ".yaml", ".yml"];
const OTHER_DATA = ["json5", "jsonc", "toml"];

/** Where a project may say what it wants, besides package.json. */
export const PROJECT_PLACES = [".clocherc", ".config/clocherc"].flatMap((name) => DATA.map((ending) => name + ending));

const PROJECT_CODE = [".clocherc", ".config/clocherc", "cloche.config"].flatMap((name) => CODE.map((ending) => `${name}.${ending}`));
const PROJECT_MISTAKES = [
  ...[".clocherc", ".config/clocherc"].flatMap((name) => OTHER_DATA.map((ending) => `${name}.${ending}`)),
  ...["json", "yaml", "yml", ...OTHER_DATA].map((ending) => `cloche.config.${ending}`),
];

/** What the user's own configuration may be called. */
export const USER_PLACES = ["config.json", "config.yaml", "config.mjs"];

const USER_MISTAKES = ["config", "config.yml", "config.js", "config.cjs", "config.ts", "config.mts", "config.cts"].concat(
  OTHER_DATA.map((ending) => `config.${ending}`),
);

/** The files of a project that may hold its configuration; code and near misses are refused by name, never passed over in silence. */
export function projectFiles(project: string): readonly string[] {
  for (const file of present(project, PROJECT_CODE)) throw fail("CONFIG_CODE", { file });
  for (const file of present(project, PROJECT_MISTAKES)) throw fail("CONFIG_PLACE", { file, instead: ".clocherc.json or .clocherc.yaml" });
  return [...present(project, PROJECT_PLACES).filter((file) => !isEmptyDirectory(file)), ...present(project, ["package.json"])];
}

/** What a running session puts in the place of a file that is not there, so that its guest cannot make one (plugins/share-9p/frozen). */
function isEmptyDirectory(file: string): boolean {
  try {
    return readdirSync(file).length === 0;
  } catch {
    return false;
  }
}

/** The user's configuration file, if there is one. Throws when there are several, or one under a name that is not read. */
export function userFile(directory: string): string | undefined {
  for (const file of present(directory, USER_MISTAKES)) throw fail("CONFIG_PLACE", { file, instead: USER_PLACES.join(" or ") });
  const files = present(directory, USER_PLACES);
  if (files.length > 1) throw fail("CONFIG_TWICE", { files });
  return files[0];
}

function present(directory: string, names: readonly string[]): string[] {
  return names.map((name) => join(directory, name)).filter(isThere);
}

function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOTDIR") return false;
    throw fail("CONFIG_UNREADABLE", { file, reason: (cause as Error).message }, { cause });
  }
}
