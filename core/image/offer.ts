import { join } from "node:path";
import { setUpApt } from "./apt-setup.ts";
import { makeBase } from "./base.ts";
import type { BuildProgress } from "./build-progress.ts";
import { makeGround } from "./ground.ts";
import { lookAtIndexes, type Indexes } from "./indexes.ts";
import type { Recipe } from "./recipe.ts";
import { widenGround, type Wider } from "./wider-ground.ts";

/** What can be installed at one moment, and the way to install it. */
export interface Offer extends Indexes {
  /** Puts a finished ground into the folder `ground` of the workshop that the offer was got in. */
  lay(progress: BuildProgress, signal: AbortSignal): Promise<void>;
  /** The same with more packages, on a ground that is there. */
  widen(wider: Wider, progress: BuildProgress, signal: AbortSignal): Promise<void>;
  /** Puts a finished base, on the ground in a folder, into the folder `base` of the workshop. */
  install(recipe: Recipe, ground: string, progress: BuildProgress, signal: AbortSignal): Promise<void>;
}

/** Asks for the present offer of a release; the workshop is a folder of the caller's, private and soon gone. */
export type GetOffer = (suite: string, mirror: string | undefined, workshop: string, signal: AbortSignal) => Promise<Offer>;

/** Debian's offer, by the host's own way to it. */
export const debianOffer: GetOffer = async (suite, mirror, workshop, signal) => {
  const apt = await setUpApt(join(workshop, "apt"), signal);
  const indexes = await lookAtIndexes(suite, mirror, apt, signal);
  const from = { apt, sources: indexes.sources };
  return {
    ...indexes,
    lay: (progress, stop) => makeGround(suite, from, workshop, progress, stop),
    widen: (wider, progress, stop) => widenGround(wider, from, workshop, progress, stop),
    install: (recipe, ground, progress, stop) => makeBase(recipe, ground, from, workshop, progress, stop),
  };
};
