import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { aptOptions, ARCHITECTURE, type AptSetup } from "./apt-setup.ts";
import { fail } from "./failures.ts";
import { runTool } from "./tool.ts";

/** The packages that the set-up takes apart instead of installing them, by the names it expects. */
export const KERNEL_DEBS = ["linux-image.deb", "busybox-static.deb"] as const;

const METAPACKAGE = `linux-image-${ARCHITECTURE}`;

/** Fetches the release's generic kernel and busybox into the folder, checked against the signed indexes. */
export async function downloadKernel(apt: AptSetup, folder: string, signal: AbortSignal): Promise<void> {
  const step = "fetching the kernel";
  const run = { step, cwd: folder, env: apt.env, signal };
  const depends = await runTool({ ...run, command: "apt-cache", args: [...aptOptions(apt), "depends", "--important", METAPACKAGE] });
  const image = /Depends: (linux-image-[a-z0-9.+-]+)/.exec(depends)?.[1];
  if (image === undefined) throw fail("IMAGE_STEP_FAILED", { step, status: "no kernel", output: depends });
  await runTool({ ...run, command: "apt-get", args: [...aptOptions(apt), "--quiet", "download", image, "busybox-static"] });
  const names = await readdir(folder);
  for (const [wanted, prefix] of [["linux-image.deb", `${image}_`], ["busybox-static.deb", "busybox-static_"]] as const) {
    const name = names.find((entry) => entry.startsWith(prefix) && entry.endsWith(".deb"));
    if (name === undefined) throw new Error(`apt-get download left no file for ${prefix}`);
    await rename(join(folder, name), join(folder, wanted));
  }
}
