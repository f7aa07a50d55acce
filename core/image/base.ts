import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Transform, type Readable } from "node:stream";
import { credentialsFor } from "./apt-credentials.ts";
import type { AptSetup } from "./apt-setup.ts";
import type { AptSource } from "./apt-sources.ts";
import { BASE_PACKAGES } from "./base-packages.ts";
import { buildFiles } from "./build-files.ts";
import type { BuildProgress } from "./build-progress.ts";
import { BUILD_FOLDER, guestFiles } from "./guest-files.ts";
import { newChrootPlace } from "./chroot-place.ts";
import { downloadKernel, KERNEL_DEBS } from "./kernel.ts";
import { runMmdebstrap } from "./mmdebstrap.ts";
import type { Recipe } from "./recipe.ts";
import { squashTar } from "./squash.ts";
import { tarOf } from "./tar.ts";

/** The folder of a finished base in the workshop where it was made. */
export const FINISHED = "base";

/** The files of a finished base. */
export const BASE_FILES = { kernel: "kernel", initrd: "initrd", root: "root.squashfs" } as const;

// mmdebstrap runs hooks in a shell, so they are constants. The host's way into the network goes in first; the set-up removes it.
const HOOKS = [
  "--setup-hook=tar-in apt.tar /",
  "--customize-hook=tar-in tree.tar /",
  `--customize-hook=copy-in ${KERNEL_DEBS.join(" ")} ${BUILD_FOLDER}`,
  `--customize-hook=chroot "$1" ${BUILD_FOLDER}/setup`,
  `--customize-hook=download ${BUILD_FOLDER}/vmlinuz ${FINISHED}/${BASE_FILES.kernel}`,
  `--customize-hook=download ${BUILD_FOLDER}/initrd ${FINISHED}/${BASE_FILES.initrd}`,
  `--customize-hook=rm -rf "$1"${BUILD_FOLDER}`,
];

/** Makes kernel, initrd and root file system of a recipe from these sources: in the workshop's folder `base`, among much that goes. */
export async function makeBase(
  recipe: Recipe,
  { apt, sources }: { readonly apt: AptSetup; readonly sources: readonly AptSource[] },
  workshop: string,
  progress: BuildProgress,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(join(workshop, FINISHED));
  await downloadKernel(apt, workshop, signal);
  const secret = { mode: 0o600 };
  const logins = { path: "/etc/apt/auth.conf", content: credentialsFor(sources), ...secret };
  const settings = { path: "/etc/apt/apt.conf.d/99cloche", content: apt.settings, ...secret };
  await writeFile(join(workshop, "apt.tar"), tarOf([logins, settings]), secret);
  await writeFile(join(workshop, "tree.tar"), tarOf([...guestFiles(), ...recipe.files, ...buildFiles(recipe, sources)]));
  const installation = {
    folder: workshop,
    place: await newChrootPlace(workshop),
    apt,
    suite: recipe.suite,
    sources,
    packages: [...new Set([...BASE_PACKAGES, ...recipe.packages])].sort(),
    hooks: HOOKS,
  };
  let packed = 0;
  const tar = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      progress.packed((packed += chunk.length));
      done(null, chunk);
    },
  });
  const onLine = (line: string) => progress.hear(line);
  // The packer must not see an end before the installer is known to have succeeded.
  const binary = (output: Readable) => void output.pipe(tar, { end: false });
  await firstFailureStopsAll(signal, (stop) => [
    runMmdebstrap(installation, { signal: stop, onLine, binary }).then(() => void tar.end()),
    squashTar(tar, workshop, `${FINISHED}/${BASE_FILES.root}`, stop),
  ]);
}

async function firstFailureStopsAll(signal: AbortSignal, start: (stop: AbortSignal) => Promise<void>[]): Promise<void> {
  const stop = new AbortController();
  const failed: unknown[] = [];
  const works = start(AbortSignal.any([signal, stop.signal]));
  await Promise.all(
    works.map((work) =>
      work.catch((error: unknown) => {
        failed.push(error);
        stop.abort();
      }),
    ),
  );
  signal.throwIfAborted();
  if (failed.length > 0) throw failed[0];
}
