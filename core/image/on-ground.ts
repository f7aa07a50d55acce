import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BuildProgress } from "./build-progress.ts";
import { GROUND_FILES } from "./ground.ts";
import { aptAccess, installTo, type From } from "./installing.ts";

const PLACED = GROUND_FILES.root;
// As mmdebstrap itself installs into a root: by the host's apt, so that it needs no certificates or keyrings in there.
const INSTALL = [
  'APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" TMPDIR="$1/tmp" xargs --no-run-if-empty apt-get',
  "-o Dir::Bin::dpkg=env -o DPkg::Options::=--unset=TMPDIR -o DPkg::Options::=dpkg",
  '-o DPkg::Chroot-Directory="$1" --yes install <"$1"/../packages',
].join(" ");
// mmdebstrap runs hooks in a shell, so they are constants. The host's way into the network goes in before anything is installed.
const HOOKS = [
  `--setup-hook=mkdir -p "$1"/dev; unsquashfs -no-progress -no-xattrs -force -dest "$1" "$1"/../${PLACED} >/dev/null`,
  "--setup-hook=tar-in apt.tar /",
  `--customize-hook=echo "I: installing remaining packages" >&2; ${INSTALL}`,
];

/** What is to be made on a ground. */
export interface OnGround {
  /** The folder of the ground. */
  readonly ground: string;
  readonly suite: string;
  readonly packages: readonly string[];
  /** Hooks of mmdebstrap's for when the packages are there. */
  readonly hooks: readonly string[];
  /** The folder of the workshop for what is made; kernel and initrd are the ground's. */
  readonly folder: string;
  /** The name of the root there. */
  readonly root: string;
}

/** Installs packages on a ground, and packs the result. */
export async function installOn({ ground, suite, packages, hooks, folder, root }: OnGround, from: From, workshop: string, progress: BuildProgress, signal: AbortSignal): Promise<void> {
  await mkdir(join(workshop, folder));
  await aptAccess(from, workshop);
  // in a user namespace another user number unpacks it, which may not reach the cache
  const before = async (place: string): Promise<void> => {
    await copyFile(join(ground, GROUND_FILES.root), join(place, PLACED));
    await writeFile(join(place, "packages"), packages.map((name) => `${name}\n`).join(""));
    for (const name of [PLACED, "packages"]) await chmod(join(place, name), 0o644);
  };
  await installTo(`${folder}/${root}`, { ...from, suite, packages: undefined, hooks: [...HOOKS, ...hooks], before }, workshop, progress, signal);
  for (const name of [GROUND_FILES.kernel, GROUND_FILES.initrd]) await copyFile(join(ground, name), join(workshop, folder, name));
}
