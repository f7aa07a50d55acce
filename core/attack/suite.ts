import { messageOf } from "../support/errors.ts";
import { escapeLine } from "../support/escape.ts";
import type { Arena } from "./arena.ts";
import { Broken, type AttackCase } from "./case.ts";
import { FILES } from "./cases/files.ts";
import { JAIL } from "./cases/jail.ts";
import { NETWORK } from "./cases/network.ts";

/** Every case that is tried inside a session, in this order. */
export const CASES: readonly AttackCase[] = [...JAIL, ...NETWORK, ...FILES];

/** What came of one attack. */
export interface Outcome {
  readonly id: string;
  readonly promise: string;
  readonly title: string;
  /** "broken" is a hole; "unproven" says that the attempt showed nothing. */
  readonly outcome: "proven" | "broken" | "unproven";
  /** What was seen, safe to show. */
  readonly detail: string;
}

/** Tries the cases one after the other; one that fails in any way never hides the others. */
export async function tryAll(arena: Arena, cases: readonly AttackCase[], tell: (outcome: Outcome) => void, signal: AbortSignal): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const one of cases) {
    signal.throwIfAborted();
    const { id, promise, title } = one;
    const seen = await one.run(arena).then(
      (detail) => ({ outcome: "proven", detail }) as const,
      (error: unknown) => ({ outcome: error instanceof Broken ? "broken" : "unproven", detail: messageOf(error) }) as const,
    );
    const outcome = { id, promise, title, ...seen, detail: escapeLine(seen.detail.slice(0, 500)) };
    outcomes.push(outcome);
    tell(outcome);
  }
  return outcomes;
}
