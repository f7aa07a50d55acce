import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BASE_PACKAGES } from "./base-packages.ts";
import type { BuildProgress } from "./build-progress.ts";
import { BUILD_FOLDER, groundFiles } from "./guest-files.ts";
import { aptAccess, installTo, type From } from "./installing.ts";
import { downloadKernel, KERNEL_DEBS } from "./kernel.ts";
import { tarOf } from "./tar.ts";

/** The folder of a finished ground in the workshop where it was made. */
export const LAID = "ground";

/** The files of a finished ground. */
export const GROUND_FILES = { kernel: "kernel", initrd: "initrd", root: "ground.squashfs" } as const;

/** A ground holds no devices: whoever unpacks it may not be able to make any. */
export const NO_DEVICES = "--skip=output/dev";

/** Out with what says how this host reaches the network: it is of this moment, and not for keeping. */
export const FORGET_HOST = `--customize-hook=cd "$1"/etc && rm -f ${[
  "apt/sources.list", "apt/auth.conf", "apt/apt.conf.d/99cloche", "resolv.conf", "hostname",
].join(" ")}`;

// mmdebstrap runs hooks in a shell, so they are constants. The host's way into the network goes in first.
const HOOKS = [
  NO_DEVICES,
  "--setup-hook=tar-in apt.tar /",
  "--customize-hook=tar-in setup.tar /",
  `--customize-hook=copy-in ${KERNEL_DEBS.join(" ")} ${BUILD_FOLDER}`,
  `--customize-hook=chroot "$1" ${BUILD_FOLDER}/setup-ground`,
  `--customize-hook=download ${BUILD_FOLDER}/vmlinuz ${LAID}/${GROUND_FILES.kernel}`,
  `--customize-hook=download ${BUILD_FOLDER}/initrd ${LAID}/${GROUND_FILES.initrd}`,
  `--customize-hook=rm -rf "$1"${BUILD_FOLDER}`,
  FORGET_HOST,
];

/** Makes what all images of a release have in common: kernel, initrd and a root with the packages of all; in the workshop's folder `ground`. */
export async function makeGround(suite: string, from: From, workshop: string, progress: BuildProgress, signal: AbortSignal): Promise<void> {
  await mkdir(join(workshop, LAID));
  await downloadKernel(from.apt, workshop, signal);
  await aptAccess(from, workshop);
  await writeFile(join(workshop, "setup.tar"), tarOf(groundFiles()));
  await installTo(`${LAID}/${GROUND_FILES.root}`, { ...from, suite, packages: [...BASE_PACKAGES].sort(), hooks: HOOKS }, workshop, progress, signal);
}
