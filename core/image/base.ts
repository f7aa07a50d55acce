import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildFiles } from "./build-files.ts";
import type { BuildProgress } from "./build-progress.ts";
import { GROUND_FILES } from "./ground.ts";
import { BUILD_FOLDER, guestFiles } from "./guest-files.ts";
import { aptAccess, installTo, type From } from "./installing.ts";
import type { Recipe } from "./recipe.ts";
import { tarOf } from "./tar.ts";

/** The folder of a finished base in the workshop where it was made. */
export const FINISHED = "base";

/** The files of a finished base. */
export const BASE_FILES = { kernel: "kernel", initrd: "initrd", root: "root.squashfs" } as const;

const PLACED = GROUND_FILES.root;
// As mmdebstrap itself installs into a root: by the host's apt, so that it needs no certificates or keyrings in there.
const INSTALL = [
  'APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" TMPDIR="$1/tmp" xargs --no-run-if-empty apt-get',
  "-o Dir::Bin::dpkg=env -o DPkg::Options::=--unset=TMPDIR -o DPkg::Options::=dpkg",
  '-o DPkg::Chroot-Directory="$1" --yes install <"$1"/../packages',
].join(" ");
// mmdebstrap runs hooks in a shell, so they are constants. The host's way into the network goes in first; the set-up removes it.
const HOOKS = [
  `--setup-hook=mkdir -p "$1"/dev; unsquashfs -no-progress -no-xattrs -force -dest "$1" "$1"/../${PLACED} >/dev/null`,
  "--setup-hook=tar-in apt.tar /",
  `--customize-hook=echo "I: installing remaining packages" >&2; ${INSTALL}`,
  "--customize-hook=tar-in tree.tar /",
  `--customize-hook=chroot "$1" ${BUILD_FOLDER}/setup`,
  `--customize-hook=rm -rf "$1"${BUILD_FOLDER}`,
];

/** Makes kernel, initrd and root file system of a recipe on a ground: in the workshop's folder `base`, among much that goes. */
export async function makeBase(recipe: Recipe, ground: string, from: From, workshop: string, progress: BuildProgress, signal: AbortSignal): Promise<void> {
  await mkdir(join(workshop, FINISHED));
  await aptAccess(from, workshop);
  await writeFile(join(workshop, "tree.tar"), tarOf([...guestFiles(), ...recipe.files, ...buildFiles(recipe, from.sources)]));
  const installing = {
    ...from,
    suite: recipe.suite,
    packages: undefined,
    hooks: HOOKS,
    // in a user namespace another user number unpacks it, which may not reach the cache
    async before(place: string) {
      await copyFile(join(ground, GROUND_FILES.root), join(place, PLACED));
      await writeFile(join(place, "packages"), recipe.packages.map((name) => `${name}\n`).join(""));
      for (const name of [PLACED, "packages"]) await chmod(join(place, name), 0o644);
    },
  };
  await installTo(`${FINISHED}/${BASE_FILES.root}`, installing, workshop, progress, signal);
  for (const name of ["kernel", "initrd"] as const) await copyFile(join(ground, GROUND_FILES[name]), join(workshop, FINISHED, BASE_FILES[name]));
}
