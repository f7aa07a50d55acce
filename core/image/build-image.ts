import { rm } from "node:fs/promises";
import { join } from "node:path";
import { SILENT, type Progress } from "../support/progress.ts";
import { checkArtefact } from "./artefact.ts";
import { BASE_FILES } from "./base.ts";
import { checkRecipe } from "./build-files.ts";
import { ensureBase, isFresh, type Work } from "./ensure-base.ts";
import { hashOf, recipeHash } from "./identity.ts";
import type { Image } from "./image.ts";
import { ensureLayer, layerDisk, layerFolder } from "./layers.ts";
import { takeLock } from "./lock.ts";
import { debianOffer, type GetOffer } from "./offer.ts";
import { dropUnused, markUsed } from "./prune.ts";
import type { Recipe } from "./recipe.ts";
import { isThere, openStore, readRecord, sweepDrafts, type Store } from "./store.ts";
import { noSpaceFor } from "./tool.ts";
import { verifyAll } from "./verify.ts";

/** How images are made and kept. */
export interface BuildOptions {
  /** Folder of the cache; made when it is not there. */
  readonly cacheDir: string;
  /** Age of the last look at the package indexes from which on they are looked at again. */
  readonly maxAgeMs: number;
  /** Where to fetch Debian from, instead of what the host's apt uses. */
  readonly mirror?: string | undefined;
  /** Makes the base anew even when nothing changed. */
  readonly rebuild?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly progress?: Progress | undefined;
}

/** A recipe → an image: from the cache when it is there, whole and not too old, else made. Of two at once, one makes it. */
export async function buildImage(recipe: Recipe, options: BuildOptions, getOffer: GetOffer = debianOffer): Promise<Image> {
  checkRecipe(recipe);
  const store = await openStore(options.cacheDir);
  const progress = options.progress ?? SILENT;
  const work: Work = { store, recipe, name: recipeHash(recipe), ...options, getOffer, progress };
  const cached = options.rebuild ? undefined : await fromCache(work);
  if (!cached) return make(work).catch((error: unknown) => rethrow(error, store));
  await markUsed(cached);
  return cached;
}

async function make(work: Work): Promise<Image> {
  const { store, recipe, signal, progress } = work;
  const startedAt = Date.now();
  await using _lock = await takeLock(store, signal, () => {
    progress.step("Waiting for another cloche that is making the image");
  });
  if ((await sweepDrafts(store)) || (await isThere(store.suspect))) await doubt(store, progress);
  const record = await readRecord(store, work.name);
  // whoever had the lock before may have made just what was asked for
  const rebuild = work.rebuild === true && (record?.lookedAt ?? 0) < startedAt;
  const base = await ensureBase({ ...work, rebuild }, record);
  for (const layer of recipe.layers) await ensureLayer(store, layer, progress, signal);
  const image = imageOf(work, base);
  await markUsed(image);
  await dropUnused(store);
  return image;
}

function rethrow(error: unknown, { directory }: Store): never {
  throw (error as NodeJS.ErrnoException).code === "ENOSPC" ? noSpaceFor("writing to the cache", [directory]) : error;
}

async function fromCache(work: Work): Promise<Image | undefined> {
  const { store, recipe, name } = work;
  if (await isThere(store.suspect)) return undefined;
  const record = await readRecord(store, name);
  if (!record || !isFresh(record, work)) return undefined;
  const folders = [join(store.bases, record.base), ...recipe.layers.map((layer) => layerFolder(store, layer))];
  for (const folder of folders) if ((await checkArtefact(folder)).state !== "sound") return undefined;
  return imageOf(work, record.base);
}

function imageOf({ store, recipe }: Work, base: string): Image {
  const folder = join(store.bases, base);
  const layers = recipe.layers.map((layer) => layerDisk(store, layer));
  return {
    id: hashOf({ base, layers: recipe.layers.map((layer) => layerFolder(store, layer).slice(store.layers.length)) }),
    kernel: join(folder, BASE_FILES.kernel),
    initrd: join(folder, BASE_FILES.initrd),
    disks: [join(folder, BASE_FILES.root), ...layers],
  };
}

async function doubt(store: Store, progress: Progress): Promise<void> {
  progress.step("Checking the images after a crash");
  for (const { id, damage } of await verifyAll(store, { remove: true })) {
    if (damage !== undefined) progress.say(`The image part ${id} is damaged (${damage}); it will be made again.`);
  }
  await rm(store.suspect, { force: true });
}
