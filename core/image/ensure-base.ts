import { join } from "node:path";
import { isFailure, messageOf } from "../support/errors.ts";
import type { Progress } from "../support/progress.ts";
import { checkArtefact, publishArtefact, sealArtefact } from "./artefact.ts";
import { BASE_FILES, FINISHED } from "./base.ts";
import { BuildProgress, RECIPE } from "./build-progress.ts";
import { ensureGround, planGround } from "./ensure-ground.ts";
import { hashOf } from "./identity.ts";
import type { GetOffer, Offer } from "./offer.ts";
import type { Recipe } from "./recipe.ts";
import { discardPath, newDraft, removeDraft, writeRecord, type RecipeRecord, type Store } from "./store.ts";

/** One making of an image. */
export interface Work {
  readonly store: Store;
  readonly recipe: Recipe;
  /** Hash of the recipe. */
  readonly name: string;
  readonly maxAgeMs: number;
  readonly mirror?: string | undefined;
  readonly rebuild?: boolean | undefined;
  readonly getOffer: GetOffer;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

// A look that failed, as without a network, is not repeated at every start.
const RETRY_MS = 60 * 60 * 1000;

/** Whether the package indexes were looked at lately enough, and at the place that is wanted now. */
export function isFresh(record: RecipeRecord, { maxAgeMs, mirror }: Pick<Work, "maxAgeMs" | "mirror">): boolean {
  const ageMs = Date.now() - record.lookedAt;
  return record.from === hashOf({ mirror }) && ageMs >= 0 && ageMs < maxAgeMs;
}

/** Answers the name of a base that is whole and as new as wanted, after making it when need be. Only for the holder of the lock. */
export async function ensureBase(work: Work, record: RecipeRecord | undefined): Promise<string> {
  const { store, recipe, mirror, rebuild, signal, progress } = work;
  const found = record && (await checkArtefact(join(store.bases, record.base)));
  if (found?.state === "damaged") progress.say(`The image is damaged (${found.reason}); making it again.`);
  const usable = found?.state === "sound" && !rebuild ? record : undefined;
  if (usable && isFresh(usable, work)) return usable.base;

  progress.step(usable ? "Looking for package updates" : "Making the image");
  const workshop = await newDraft(store);
  try {
    const lookedAt = Date.now();
    const offer = await work.getOffer(recipe.suite, mirror, workshop, signal);
    // half an offer, such as one without security updates, must not replace an image made from a whole one
    if (usable && offer.refused.length > 0) throw new Error(offer.refused[0]?.reason);
    return await follow(work, { offer, workshop, lookedAt, instead: usable !== undefined });
  } catch (error) {
    signal.throwIfAborted();
    if (!usable || isFailure(error, "IMAGE_NO_SPACE")) throw error;
    progress.say(`Package updates could not be fetched, so the image stays as it is: ${messageOf(error).replaceAll("\n", " ")}`);
    const lookedAt = Date.now() - work.maxAgeMs + Math.min(RETRY_MS, work.maxAgeMs / 2);
    await writeRecord(store, work.name, { ...usable, from: hashOf({ mirror }), lookedAt: Math.max(usable.lookedAt, lookedAt) });
    return usable.base;
  } finally {
    await removeDraft(workshop); // with the logins that apt was given
  }
}

interface Look {
  readonly offer: Offer;
  readonly workshop: string;
  readonly lookedAt: number;
  /** Whether a usable base with other packages exists. */
  readonly instead: boolean;
}

async function follow(work: Work, { offer, workshop, lookedAt, instead }: Look): Promise<string> {
  const { store, recipe, name, mirror, rebuild, signal, progress } = work;
  const base = hashOf({ recipe: name, indexes: offer.hash });
  const folder = join(store.bases, base);
  if (rebuild || (await checkArtefact(folder)).state !== "sound") {
    if (instead) progress.step("Making the image again, with newer packages");
    for (const { source } of offer.refused) progress.say(`Going on without ${source.uri} ${source.suite}, which did not answer.`);
    const plan = await planGround(store, recipe, offer.hash, rebuild === true);
    const steps = new BuildProgress((fraction, detail) => progress.update(fraction, detail), [...plan.missing.map(({ part }) => part), RECIPE]);
    const ground = await ensureGround(plan, { store, workshop, offer }, steps, signal);
    steps.begin(RECIPE);
    await offer.install(recipe, ground, steps, signal);
    await sealArtefact(join(workshop, FINISHED), Object.values(BASE_FILES), { suite: recipe.suite });
    await publishArtefact(join(workshop, FINISHED), folder, discardPath(store));
    progress.update(1, undefined);
  }
  await writeRecord(store, name, { base, from: hashOf({ mirror }), lookedAt });
  return base;
}
