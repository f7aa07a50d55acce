import { createHash } from "node:crypto";
import { BASE_PACKAGES } from "./base-packages.ts";
import { groundFiles, guestFiles } from "./guest-files.ts";
import type { Recipe, RecipeLayer } from "./recipe.ts";

// Raised when the way an image is made changes what it contains.
const FORMAT = 2;
const HASH_CHARACTERS = 24;

/** A name made of all that is given: objects by their sorted keys, so that their order does not matter. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(canonical(value)).digest("hex").slice(0, HASH_CHARACTERS);
}

/** Names what the base of an image is asked to contain, our own guest files included; layers have names of their own. */
export function recipeHash(recipe: Recipe): string {
  const { suite, packages, asked, files, commands, units, prepare, warm } = recipe;
  return hashOf({ FORMAT, base: BASE_PACKAGES, guest: guestFiles(), suite, packages, asked, files, commands, units, prepare, warm });
}

/** Names a ground: what all images of a release have in common, and maybe more packages, as the package sources offer them by these indexes. */
export function groundHash(suite: string, indexes: string, more: readonly string[]): string {
  return hashOf({ FORMAT, base: BASE_PACKAGES, guest: groundFiles(), suite, indexes, more });
}

/** Names a layer by what its content depends on. */
export function layerHash(layer: RecipeLayer): string {
  return hashOf({ FORMAT, key: layer.key });
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
