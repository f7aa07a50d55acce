import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Transform, type Readable } from "node:stream";
import { credentialsFor } from "./apt-credentials.ts";
import type { AptSetup } from "./apt-setup.ts";
import type { AptSource } from "./apt-sources.ts";
import type { BuildProgress } from "./build-progress.ts";
import { newChrootPlace, removeChrootPlace } from "./chroot-place.ts";
import { runMmdebstrap, type Installation } from "./mmdebstrap.ts";
import { squashTar } from "./squash.ts";
import { tarOf } from "./tar.ts";

/** Where packages come from, and by which apt. */
export interface From {
  readonly apt: AptSetup;
  readonly sources: readonly AptSource[];
}

/** Writes `apt.tar` into the workshop: the host's way to the sources, for a new root to have while it is made. */
export async function aptAccess({ apt, sources }: From, workshop: string): Promise<void> {
  const secret = { mode: 0o600 };
  const logins = { path: "/etc/apt/auth.conf", content: credentialsFor(sources), ...secret };
  const settings = { path: "/etc/apt/apt.conf.d/99cloche", content: apt.settings, ...secret };
  await writeFile(join(workshop, "apt.tar"), tarOf([logins, settings]), secret);
}

/** What is installed, but for where; `before` fills the place, that the hooks see as `"$1"/..`. */
export interface Installing extends Omit<Installation, "folder" | "place"> {
  before?(place: string): Promise<void>;
}

/** Installs and packs the root into a squashfs file of the workshop, both at once. */
export async function installTo(file: string, { before, ...installing }: Installing, workshop: string, progress: BuildProgress, signal: AbortSignal): Promise<void> {
  const place = await newChrootPlace(workshop);
  await before?.(place);
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
    runMmdebstrap({ ...installing, folder: workshop, place }, { signal: stop, onLine, binary }).then(() => void tar.end()),
    squashTar(tar, workshop, file, stop),
  ]);
  // a workshop remembers one place; what fails is cleared away with it
  await removeChrootPlace(workshop, signal);
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
