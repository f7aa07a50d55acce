import type { Disposers } from "../support/disposers.ts";
import { timed } from "../support/timings.ts";
import type { MachinePlan } from "./draft.ts";

/**
 * Begins what plugins want done beside the start of a machine; answers the plan of that machine, of which the first thing at the jail's
 * network is that all of it was done. What fails is thrown there, unless the start has failed before.
 */
export function beginSteps({ startSteps, networkSteps, ...others }: MachinePlan, scope: Disposers): MachinePlan {
  const done = Promise.all(startSteps.map((step) => timed("what a plugin starts", () => step(scope))));
  done.catch(() => {}); // heard at the network
  const heard = async (): Promise<void> => void (await done);
  return { ...others, startSteps: [], networkSteps: startSteps.length === 0 ? networkSteps : [heard, ...networkSteps] };
}
