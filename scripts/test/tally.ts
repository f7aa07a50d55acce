/** One line of what the reporter tells. */
export type Result =
  | { readonly kind: "passed"; readonly title: string; readonly ms?: number }
  | { readonly kind: "failed"; readonly title: string; readonly reason: string }
  | { readonly kind: "end" };

/** What came of one part of the tests. */
export interface Outcome {
  readonly part: string;
  readonly seconds: number;
  readonly passed: number;
  readonly failures: readonly { readonly title: string; readonly reason: string }[];
}

// a terminal's screen among them
const LINES = 40;

/** The closing lines: each part, each failure once more, and the sum alone on the last line. */
export function summary(outcomes: readonly Outcome[]): string {
  const lines = [""];
  for (const { part, seconds, passed, failures } of outcomes) {
    lines.push(`${part.padEnd(28)} ${String(passed).padStart(4)} passed ${String(failures.length).padStart(4)} failed  ${seconds.toFixed(0)} s`);
  }
  for (const { part, failures } of outcomes) {
    for (const { title, reason } of failures) lines.push(`FAILED in ${part}: ${title}\n  ${reason.split("\n").slice(0, LINES).join("\n  ")}`);
  }
  const { passed, failed } = sum(outcomes);
  lines.push("", `${passed} passed, ${failed} failed`);
  return lines.join("\n");
}

/** The sum over all parts. */
export function sum(outcomes: readonly Outcome[]): { readonly passed: number; readonly failed: number } {
  return {
    passed: outcomes.reduce((total, { passed }) => total + passed, 0),
    failed: outcomes.reduce((total, { failures }) => total + failures.length, 0),
  };
}
