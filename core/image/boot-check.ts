import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { distrustImages, openStore } from "./store.ts";

const BOOT_ID = "/proc/sys/kernel/random/boot_id";
const SEEN = "boot-id";

/**
 * After each boot of the host the images are read in full once, since the boot may have followed a crash, which can leave a file
 * with the right size and time and the wrong content. Costs a fifth of a second for an image of 300 MB.
 */
export async function distrustAfterBoot(cacheDir: string, bootIdFile: string = BOOT_ID): Promise<void> {
  await openStore(cacheDir); // says it clearly when the cache cannot be written
  const boot = await readFile(bootIdFile, "utf8");
  const file = join(cacheDir, SEEN);
  const seen = await readFile(file, "utf8").catch(() => undefined);
  if (seen === boot) return;
  if (seen !== undefined) await distrustImages(cacheDir);
  await writeFile(file, boot);
}
