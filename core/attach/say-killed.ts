import type { Progress } from "../support/progress.ts";

/** Tells which programs the guest's kernel ended for want of memory while the user's command ran, if any: names, already escaped. */
export function sayKilled(killed: readonly string[], progress: Pick<Progress, "say">): void {
  if (killed.length === 0) return;
  progress.say(`The guest ran out of memory and ended: ${killed.join(", ")}. Give it more with machine.memory.`);
}
