import { sourceLines } from "./apt-setup.ts";
import type { AptSource } from "./apt-sources.ts";
import { fail } from "./failures.ts";
import { BUILD_FOLDER } from "./guest-files.ts";
import type { Recipe, RecipeFile } from "./recipe.ts";

const PACKAGE = /^[a-z0-9][a-z0-9+.-]*(?::[a-z0-9]+)?$/;
const UNIT = /^[A-Za-z0-9@._:\\-]+\.(?:service|socket|target|path|timer|mount)$/;
const PATH = /^(?:\/(?!\.{1,2}(?:\/|$))[^/\0]+)+$/;
const SUITE = /^[a-z][a-z-]*$/;

/** Throws RECIPE_INVALID for what no image can have, before anything is fetched. */
export function checkRecipe({ suite, packages, files, units }: Recipe): void {
  const refuse = (what: string) => fail("RECIPE_INVALID", { what });
  if (!SUITE.test(suite)) throw refuse(`"${suite}" is no name of a Debian release`);
  for (const name of packages) if (!PACKAGE.test(name)) throw refuse(`"${name}" is no name of a package`);
  for (const name of units) if (!UNIT.test(name)) throw refuse(`"${name}" is no name of a systemd unit`);
  for (const { path } of files) if (!PATH.test(path)) throw refuse(`"${path}" is no absolute path of a file`);
}

/** What the set-up in the new root reads, besides our guest files: the recipe in the form it understands. */
export function buildFiles({ commands, units, prepare, warm }: Recipe, sources: readonly AptSource[]): RecipeFile[] {
  const signed = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ";
  return [
    { path: `${BUILD_FOLDER}/commands`, content: lines(commands), mode: 0o755 },
    { path: `${BUILD_FOLDER}/units`, content: lines(units) },
    { path: `${BUILD_FOLDER}/sources`, content: sourceLines(sources, signed) },
    ...steps("/usr/lib/cloche/prepare", prepare),
    ...steps("/usr/lib/cloche/warm-more", warm),
  ];
}

/** A script that the guest runs when it is there. */
function steps(path: string, commands: readonly string[]): RecipeFile[] {
  return commands.length === 0 ? [] : [{ path, content: lines(commands), mode: 0o755 }];
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}
