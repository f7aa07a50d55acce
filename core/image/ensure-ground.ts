import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { checkArtefact, publishArtefact, sealArtefact } from "./artefact.ts";
import { GROUND, type BuildProgress } from "./build-progress.ts";
import { GROUND_FILES, LAID } from "./ground.ts";
import { groundHash } from "./identity.ts";
import type { Offer } from "./offer.ts";
import { discardPath, type Store } from "./store.ts";

/**
 * Answers the folder of the ground that images of this release and offer are made on, after making it when the cache does not have it
 * whole: what one more package costs is then that package, not all of Debian. Only for the holder of the lock.
 */
export async function ensureGround(
  { store, suite, rebuild, workshop }: { readonly store: Store; readonly suite: string; readonly rebuild: boolean; readonly workshop: string },
  offer: Offer,
  progress: BuildProgress,
  signal: AbortSignal,
): Promise<string> {
  const folder = join(store.grounds, groundHash(suite, offer.hash));
  if (rebuild || (await checkArtefact(folder)).state !== "sound") {
    progress.begin(GROUND);
    await offer.lay(progress, signal);
    await sealArtefact(join(workshop, LAID), Object.values(GROUND_FILES), { suite });
    await publishArtefact(join(workshop, LAID), folder, discardPath(store));
  }
  const now = new Date();
  await utimes(folder, now, now);
  return folder;
}
