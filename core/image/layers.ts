import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ClocheError, messageOf } from "../support/errors.ts";
import type { Progress } from "../support/progress.ts";
import { checkArtefact, publishArtefact, sealArtefact } from "./artefact.ts";
import { fail } from "./failures.ts";
import { layerHash } from "./identity.ts";
import type { RecipeLayer } from "./recipe.ts";
import { squashTree } from "./squash.ts";
import { discardPath, newDraft, type Store } from "./store.ts";

const DISK = "layer.squashfs";
const MAKING_SHARE = 0.7;

/** The folder of a layer in the cache; its name says what it is made of. */
export function layerFolder(store: Store, layer: RecipeLayer): string {
  if (!/^[a-z0-9-]+$/.test(layer.name)) throw fail("RECIPE_INVALID", { what: `a layer is called "${layer.name}"` });
  return join(store.layers, `${layer.name}-${layerHash(layer)}`);
}

/** The disk of a layer that is in the cache. */
export function layerDisk(store: Store, layer: RecipeLayer): string {
  return join(layerFolder(store, layer), DISK);
}

/** Makes a layer when the cache does not have it whole. Only for the holder of the lock. */
export async function ensureLayer(store: Store, layer: RecipeLayer, progress: Progress, signal: AbortSignal): Promise<void> {
  const folder = layerFolder(store, layer);
  const found = await checkArtefact(folder);
  if (found.state === "sound") return;
  if (found.state === "damaged") progress.say(`The image's layer ${layer.name} is damaged (${found.reason}); making it again.`);
  progress.step(`Making the image's layer ${layer.name}`);
  const draft = await newDraft(store);
  try {
    const tree = join(draft, "tree");
    await mkdir(tree);
    await make(layer, tree, progress, signal);
    progress.update(MAKING_SHARE, "packing");
    await squashTree("tree", draft, DISK, signal);
    await rm(tree, { recursive: true, force: true });
    await sealArtefact(draft, [DISK], { key: layer.key });
    await publishArtefact(draft, folder, discardPath(store));
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  progress.update(1, undefined);
}

async function make(layer: RecipeLayer, tree: string, progress: Progress, signal: AbortSignal): Promise<void> {
  const update = (fraction: number | undefined, detail?: string) =>
    progress.update(fraction === undefined ? undefined : fraction * MAKING_SHARE, detail);
  try {
    await layer.make(tree, { signal, update });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ClocheError) throw error;
    throw fail("IMAGE_LAYER_FAILED", { layer: layer.name, reason: messageOf(error) }, { cause: error });
  }
}
