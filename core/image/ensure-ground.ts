import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { checkArtefact, publishArtefact, sealArtefact } from "./artefact.ts";
import { BASE_PACKAGES } from "./base-packages.ts";
import { FIRST_GROUND, WIDER_GROUND, type BuildProgress, type Part } from "./build-progress.ts";
import { GROUND_FILES, LAID } from "./ground.ts";
import { groundHash } from "./identity.ts";
import type { Offer } from "./offer.ts";
import type { Recipe } from "./recipe.ts";
import { discardPath, type Store } from "./store.ts";

/** A ground in the cache, or to be put there. */
interface Ground {
  readonly folder: string;
  /** What it has more than the one before it. */
  readonly more: readonly string[];
  readonly part: Part;
}

/** What a recipe's image is made on, and what of that is to be made first. */
export interface GroundPlan {
  readonly suite: string;
  /** The first is Debian's own; each other is on the one before it. */
  readonly chain: readonly Ground[];
  readonly missing: readonly Ground[];
}

/**
 * What one more package costs shall be that package, not all of Debian, nor what tools and plugins want: so there is a ground with what
 * all images have, and on it another with what is wanted beside the packages that the user names.
 */
export async function planGround(store: Store, { suite, packages, asked }: Recipe, indexes: string, rebuild: boolean): Promise<GroundPlan> {
  const more = packages.filter((name) => !asked.includes(name) && !BASE_PACKAGES.includes(name));
  const at = (names: readonly string[]) => join(store.grounds, groundHash(suite, indexes, names));
  const first = { folder: at([]), more: [], part: FIRST_GROUND };
  const chain = more.length === 0 ? [first] : [first, { folder: at(more), more, part: WIDER_GROUND }];
  const missing: Ground[] = [];
  for (const ground of chain.toReversed()) {
    if (!rebuild && (await checkArtefact(ground.folder)).state === "sound") break;
    missing.unshift(ground);
  }
  return { suite, chain, missing };
}

/** Makes what is missing of a plan and answers the folder of the ground to build on. Only for the holder of the lock. */
export async function ensureGround({ suite, chain, missing }: GroundPlan, { store, workshop, offer }: Making, progress: BuildProgress, signal: AbortSignal): Promise<string> {
  for (const ground of missing) {
    progress.begin(ground.part);
    const before = chain[chain.indexOf(ground) - 1];
    if (before) await offer.widen({ suite, packages: ground.more, ground: before.folder }, progress, signal);
    else await offer.lay(progress, signal);
    await sealArtefact(join(workshop, LAID), Object.values(GROUND_FILES), { suite, more: ground.more });
    await publishArtefact(join(workshop, LAID), ground.folder, discardPath(store));
  }
  const now = new Date();
  for (const { folder } of chain) await utimes(folder, now, now).catch(() => {}); // the first may have been dropped when the next was not
  return chain.at(-1)?.folder ?? "";
}

interface Making {
  readonly store: Store;
  /** The folder that the offer was got in. */
  readonly workshop: string;
  readonly offer: Offer;
}
