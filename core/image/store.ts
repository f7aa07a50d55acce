import { randomBytes } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../support/errors.ts";
import { removeChrootPlace } from "./chroot-place.ts";
import { fail } from "./failures.ts";

const REMOVAL_MS = 60_000;

/** The folders of the image cache; whatever lies in `drafts` belongs to the holder of the lock, or to nobody. */
export interface Store {
  readonly directory: string;
  /** What all images of a release have in common, to make bases on; no machine uses one. */
  readonly grounds: string;
  readonly bases: string;
  readonly layers: string;
  /** What is known of each recipe: which base it became, and when its packages were looked at. */
  readonly recipes: string;
  readonly drafts: string;
  readonly lock: string;
  /** There when something died while it used the cache: everything is then read in full before it is used. */
  readonly suspect: string;
}

/** Opens the image cache, making it when it is not there. */
export async function openStore(directory: string): Promise<Store> {
  const at = (name: string) => join(directory, name);
  const store: Store = {
    directory,
    grounds: at("grounds"),
    bases: at("bases"),
    layers: at("layers"),
    recipes: at("recipes"),
    drafts: at("drafts"),
    lock: at("image.lock"),
    suspect: at("suspect"),
  };
  try {
    for (const folder of [store.grounds, store.bases, store.layers, store.recipes, store.drafts]) await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw fail("IMAGE_CACHE_UNUSABLE", { directory, reason: messageOf(cause) }, { cause });
  }
  return store;
}

/** A fresh folder for something that is being made, on the same file system as its later place. */
export async function newDraft(store: Store): Promise<string> {
  const draft = discardPath(store);
  await mkdir(draft, { mode: 0o755 });
  return draft;
}

/** A path in `drafts` that nothing has yet. */
export function discardPath(store: Store): string {
  return join(store.drafts, randomBytes(8).toString("hex"));
}

/** Removes a draft and what was put elsewhere for it; it must be quick, since it also runs when everything is being stopped. */
export async function removeDraft(draft: string): Promise<void> {
  await removeChrootPlace(draft, AbortSignal.timeout(REMOVAL_MS));
  await rm(draft, { recursive: true, force: true });
}

/** Removes what builders that died have left, and answers whether there was any. Only for the holder of the lock. */
export async function sweepDrafts(store: Store): Promise<boolean> {
  const left = await readdir(store.drafts);
  for (const name of left) await removeDraft(join(store.drafts, name));
  return left.length > 0;
}

/** Makes the next start read all images in full, because the host or one of us went down while they were in use. */
export async function distrustImages(cacheDir: string): Promise<void> {
  const store = await openStore(cacheDir);
  await writeFile(store.suspect, "");
}

/** What is remembered of a recipe between starts. */
export interface RecipeRecord {
  readonly base: string;
  /** Milliseconds since the epoch. */
  readonly lookedAt: number;
  /** Hash of the place that the packages come from. */
  readonly from: string;
}

/** The record of a recipe, or undefined when there is none that can be used. */
export async function readRecord(store: Store, recipe: string): Promise<RecipeRecord | undefined> {
  try {
    const value = JSON.parse(await readFile(join(store.recipes, `${recipe}.json`), "utf8")) as Partial<RecipeRecord> | null;
    const usable = typeof value?.base === "string" && /^[0-9a-f]+$/.test(value.base) && typeof value.lookedAt === "number";
    return usable ? (value as RecipeRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the record of a recipe in one step. */
export async function writeRecord(store: Store, recipe: string, record: RecipeRecord): Promise<void> {
  const fresh = discardPath(store);
  await writeFile(fresh, JSON.stringify(record));
  await rename(fresh, join(store.recipes, `${recipe}.json`));
}

/** Whether something is there. */
export async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
