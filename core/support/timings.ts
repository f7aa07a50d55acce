/** One step of this process: what it was, when it began after the process's own start, and how long it took, in ms. */
export interface Timing {
  readonly step: string;
  readonly beganMs: number;
  readonly tookMs: number;
}

const MOST = 1000;
const timings: Timing[] = [];

/** Does a step and notes how long it took, also when it fails. Steps may overlap and hold others. */
export async function timed<T>(step: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    note(step, began);
  }
}

/** Notes a step that began at this `performance.now()` and ends now. */
export function note(step: string, began: number): void {
  if (timings.length < MOST) timings.push({ step, beganMs: began, tookMs: performance.now() - began });
}

/** All steps so far, by their beginning. */
export function takenTimings(): readonly Timing[] {
  return [...timings].sort((a, b) => a.beganMs - b.beganMs || b.tookMs - a.tookMs);
}
