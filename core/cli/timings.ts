import { writeFileSync } from "node:fs";
import { takenTimings } from "../support/timings.ts";

const WIDTH = 9;

/** The steps of this process as lines for people: when each began and how long it took, in ms. */
export function timingLines(): string {
  const number = (ms: number) => ms.toFixed(1).padStart(WIDTH);
  const rows = takenTimings().map(({ step, beganMs, tookMs }) => `${number(beganMs)} ${number(tookMs)}  ${step}`);
  return [`${"began at".padStart(WIDTH)} ${"took ms".padStart(WIDTH)}  step`, ...rows, `${number(performance.now())} ${"".padStart(WIDTH)}  end`].join("\n");
}

/** The same for programs, into a file: `{"totalMs", "steps": [{"step", "beganMs", "tookMs"}]}`. */
export function writeTimings(path: string): void {
  writeFileSync(path, JSON.stringify({ totalMs: performance.now(), steps: takenTimings() }), { mode: 0o600 });
}
