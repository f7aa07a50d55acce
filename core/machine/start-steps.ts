import type { Disposers } from "../support/disposers.ts";
import { timed } from "../support/timings.ts";
import type { MachinePlan, NetworkStep } from "./draft.ts";

/**
 * Begins what plugins want done beside the start of a machine; answers the steps at the jail's network, of which the first is that all of
 * it was done. What fails is thrown there, unless the start has failed before.
 */
export function beginSteps({ startSteps, networkSteps }: Pick<MachinePlan, "startSteps" | "networkSteps">, scope: Disposers): readonly NetworkStep[] {
  const done = Promise.all(startSteps.map((step) => timed("what a plugin starts", () => step(scope))));
  done.catch(() => {}); // heard at the network
  return startSteps.length === 0 ? networkSteps : [async () => void (await done), ...networkSteps];
}
