import { rename } from "node:fs/promises";
import { join } from "node:path";
import { APT_FOLDER, ARCHITECTURE, runApt, type AptSetup } from "./apt-setup.ts";
import { fail } from "./failures.ts";

/** The packages that the set-up takes apart instead of installing them, by the names it expects. */
export const KERNEL_DEBS = ["linux-image.deb", "busybox-static.deb"] as const;

const METAPACKAGE = `linux-image-${ARCHITECTURE}`;
const STEP = "fetching the kernel";

/** Fetches the release's generic kernel and busybox into the folder, checked against the signed indexes. */
export async function downloadKernel(apt: AptSetup, folder: string, signal: AbortSignal): Promise<void> {
  const run = { step: STEP, signal };
  const depends = await runApt(apt, "apt-cache", ["depends", "--important", METAPACKAGE], run);
  const image = /Depends: (linux-image-[a-z0-9.+-]+)/.exec(depends)?.[1];
  if (image === undefined) throw fail("IMAGE_STEP_FAILED", { step: STEP, status: "no kernel", output: depends });
  // `apt-get download` writes to the working directory by its name, and misreads names with newlines
  const listed = await runApt(apt, "apt-get", ["--print-uris", "download", image, "busybox-static"], run);
  const wanted = [
    ["linux-image.deb", entryOf(listed, image)],
    ["busybox-static.deb", entryOf(listed, "busybox-static")],
  ] as const;
  const orders = wanted.flatMap(([name, { uri, hash }]) => [uri, `${APT_FOLDER}/${name}`, hash]);
  await runApt(apt, "/usr/lib/apt/apt-helper", ["download-file", ...orders], run);
  for (const [name] of wanted) await rename(join(apt.folder, name), join(folder, name));
}

// Each line: 'ADDRESS' FILE SIZE HASH
function entryOf(listed: string, name: string): { uri: string; hash: string } {
  for (const line of listed.split("\n")) {
    const match = /^'([^']+)' (\S+?)_\S+ \d+ (SHA(?:256|512):[0-9a-f]+)$/.exec(line.trim());
    if (match?.[1] !== undefined && match[2] === name && match[3] !== undefined) return { uri: match[1], hash: match[3] };
  }
  throw fail("IMAGE_STEP_FAILED", { step: STEP, status: `no package ${name}`, output: listed });
}
