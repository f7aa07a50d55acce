import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { checkArtefact } from "./artefact.ts";
import type { Image } from "./image.ts";
import { discardPath, openStore, type Store } from "./store.ts";

/** What reading a part of an image to its last byte showed. */
export interface PartReport {
  /** Folder below the cache: `grounds/…`, `bases/…` or `layers/…`. */
  readonly id: string;
  /** Undefined when it is whole. */
  readonly damage: string | undefined;
}

/** Reads everything in an image cache in full; for `doctor`. */
export async function inspectImages(cacheDir: string): Promise<PartReport[]> {
  return verifyAll(await openStore(cacheDir), { remove: false });
}

/** Checks the parts of one image, in full or only by size, inode and time; answers what is wrong with it, if anything. */
export async function verifyImage(image: Image, options: { readonly full: boolean }): Promise<string | undefined> {
  const folders = new Set([image.kernel, image.initrd, ...image.disks].map((path) => dirname(path)));
  for (const folder of folders) {
    const found = await checkArtefact(folder, options);
    if (found.state !== "sound") return `${basename(folder)}: ${found.state === "damaged" ? found.reason : "it is gone"}`;
  }
  return undefined;
}

/** Reads all parts in full. With `remove`, which is for the holder of the lock, damaged ones leave the cache. */
export async function verifyAll(store: Store, { remove }: { readonly remove: boolean }): Promise<PartReport[]> {
  const reports: PartReport[] = [];
  for (const parent of [store.grounds, store.bases, store.layers]) {
    for (const name of (await readdir(parent)).sort()) {
      const folder = join(parent, name);
      const found = await checkArtefact(folder, { full: true });
      const damage = found.state === "damaged" ? found.reason : undefined;
      reports.push({ id: `${basename(parent)}/${name}`, damage });
      if (damage !== undefined && remove) await discard(store, folder);
    }
  }
  return reports;
}

/** Takes a part out of the cache at once, then removes it. */
export async function discard(store: Store, folder: string): Promise<void> {
  const away = discardPath(store);
  await rename(folder, away);
  await rm(away, { recursive: true, force: true });
}
