import type { Place } from "../test/support/place.ts";
import type { Figure } from "./figure.ts";

/** What the groups of figures share. */
export interface Bench {
  /** Samples of a figure that takes seconds; cheap ones are taken more often, expensive ones once. */
  readonly runs: number;
  /** Whether an image may be made anew. */
  readonly build: boolean;
  /** A line for people while it runs. */
  say(line: string): void;
}

/** Measures some figures; what it cannot measure it says so of, and throws only for what nobody foresaw. */
export type Group = (bench: Bench) => Promise<readonly Figure[]>;

type Facts = Omit<Figure, "samples" | "missing">;

let wanted: RegExp | undefined;

/** From now on only figures whose names fit are taken. */
export function takeOnly(pattern: RegExp): void {
  wanted = pattern;
}

/** Whether one of these figures is asked for; what only others need need not be made ready. */
export function wants(...figures: readonly { readonly name: string }[]): boolean {
  return figures.some(({ name }) => wanted?.test(name) ?? true);
}

/** Takes samples until one fails; a figure without any says why. */
export async function sampled(facts: Facts, times: number, sample: (run: number) => Promise<number> | number): Promise<Figure> {
  const samples: number[] = [];
  if (!wants(facts)) return { ...facts, samples, missing: "not asked for" };
  process.stderr.write(`bench: ${times} × ${facts.name}\n`);
  try {
    for (let run = 0; run < times; run += 1) samples.push(await sample(run));
    return { ...facts, samples };
  } catch (error) {
    return samples.length > 0 ? { ...facts, samples } : { ...facts, samples, missing: reasonOf(error) };
  }
}

/** Figures that could not be taken, all for the same reason. */
export function notMeasured(facts: readonly Facts[], missing: string): readonly Figure[] {
  return facts.map((fact) => ({ ...fact, samples: [], missing }));
}

/** What cloche itself said when there is such a line, else what went wrong. */
export function reasonOf(error: unknown): string {
  const lines = String(error instanceof Error ? error.message : error).split("\n");
  return (lines.findLast((line) => line.includes("cloche: ")) ?? lines[0] ?? "").replace(/^.*cloche: /, "").slice(0, 160);
}

/** Time of one whole process, in ms; throws when it does not end with 0. */
export async function timed(place: Pick<Place, "cloche">, args: readonly string[], options: { readonly env?: Record<string, string>; readonly deadlineMs?: number } = {}): Promise<number> {
  const began = performance.now();
  const { status, stderr } = await place.cloche(args, { input: "", ...options }).ended;
  const took = performance.now() - began;
  if (status !== 0) throw new Error(`it ended with ${status}: ${stderr.trim()}`);
  return took;
}
