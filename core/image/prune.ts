import { readdir, rm, stat, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SILENT, type Progress } from "../support/progress.ts";
import type { Image } from "./image.ts";
import { takeLock } from "./lock.ts";
import { openStore, readRecord, sweepDrafts, type Store } from "./store.ts";
import { discard } from "./verify.ts";

const UNUSED_MS = 30 * 24 * 60 * 60 * 1000;

/** Removes what no start has used for a month, so that updates do not fill the disk. Only for the holder of the lock. */
export async function dropUnused(store: Store): Promise<void> {
  for (const folder of await partsOf(store)) {
    const { mtimeMs } = await stat(folder);
    if (Date.now() - mtimeMs > UNUSED_MS) await discard(store, folder);
  }
}

/** Notes that an image is used now. */
export async function markUsed(image: Image): Promise<void> {
  const now = new Date();
  for (const folder of foldersOf(image)) await utimes(folder, now, now);
}

/** What pruning removed. */
export interface Pruned {
  readonly parts: number;
  readonly bytes: number;
}

/**
 * Removes from an image cache all that none of the images to keep is made of. A machine that runs from a removed part goes on: its
 * files live until it closes them.
 */
export async function pruneImages(
  cacheDir: string,
  keep: readonly Image[],
  { signal, progress = SILENT }: { readonly signal: AbortSignal; readonly progress?: Progress },
): Promise<Pruned> {
  const store = await openStore(cacheDir);
  await using _lock = await takeLock(store, signal, () => progress.step("Waiting for another cloche that is making an image"));
  await sweepDrafts(store);
  const kept = new Set(keep.flatMap((image) => [...foldersOf(image)]));
  let parts = 0;
  let bytes = 0;
  for (const folder of (await partsOf(store)).filter((path) => !kept.has(path))) {
    bytes += await sizeOf(folder);
    await discard(store, folder);
    parts += 1;
  }
  for (const name of await readdir(store.recipes)) {
    const record = await readRecord(store, basename(name, ".json"));
    if (!record || !kept.has(join(store.bases, record.base))) await rm(join(store.recipes, name), { force: true });
  }
  return { parts, bytes };
}

async function partsOf(store: Store): Promise<string[]> {
  const folders = [store.grounds, store.bases, store.layers].map(async (parent) => (await readdir(parent)).map((name) => join(parent, name)));
  return (await Promise.all(folders)).flat();
}

function foldersOf(image: Image): Set<string> {
  return new Set([image.kernel, image.initrd, ...image.disks].map((path) => dirname(path)));
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return (await Promise.all(sizes)).reduce((total, size) => total + size, 0);
}
