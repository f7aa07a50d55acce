import type { Arena } from "./arena.ts";

/** One attack on a promise of SECURITY.md, with the control that shows that the attack itself works. */
export interface AttackCase {
  /** Short name, `[a-z-]+`, for programs. */
  readonly id: string;
  /** The promise, word for word as it begins in SECURITY.md. */
  readonly promise: string;
  /** What is tried. */
  readonly title: string;
  /** Tries it and answers what was seen; throws Broken when the promise does not hold, Unproven when the attempt shows nothing. */
  run(arena: Arena): Promise<string>;
}

/** The promise does not hold on this host. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** The attempt showed nothing, as when its control failed. */
export class Unproven extends Error {
  override readonly name = "Unproven";
}

/** What has to be so for the promise to hold. */
export function holds(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Broken(otherwise);
}

/** What has to be so for the attempt to show anything. */
export function control(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new Unproven(otherwise);
}
