import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildFiles } from "./build-files.ts";
import type { BuildProgress } from "./build-progress.ts";
import { BUILD_FOLDER, guestFiles } from "./guest-files.ts";
import type { From } from "./installing.ts";
import { installOn } from "./on-ground.ts";
import type { Recipe } from "./recipe.ts";
import { tarOf } from "./tar.ts";

/** The folder of a finished base in the workshop where it was made. */
export const FINISHED = "base";

/** The files of a finished base. */
export const BASE_FILES = { kernel: "kernel", initrd: "initrd", root: "root.squashfs" } as const;

// The host's way into the network is in there still; the set-up removes it.
const HOOKS = [
  "--customize-hook=tar-in tree.tar /",
  `--customize-hook=chroot "$1" ${BUILD_FOLDER}/setup`,
  `--customize-hook=rm -rf "$1"${BUILD_FOLDER}`,
];

/** Makes kernel, initrd and root file system of a recipe on its ground: in the workshop's folder `base`, among much that goes. */
export async function makeBase(recipe: Recipe, ground: string, from: From, workshop: string, progress: BuildProgress, signal: AbortSignal): Promise<void> {
  await writeFile(join(workshop, "tree.tar"), tarOf([...guestFiles(), ...recipe.files, ...buildFiles(recipe, from.sources)]));
  const made = { ground, suite: recipe.suite, packages: recipe.packages, hooks: HOOKS, folder: FINISHED, root: BASE_FILES.root };
  await installOn(made, from, workshop, progress, signal);
}
