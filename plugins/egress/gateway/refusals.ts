import { canonicalName } from "../names/canonical-name.ts";
import type { Audit, Decision } from "./audit.ts";

/** Something that was refused, for telling the user; its name is a canonical one. */
export interface Refused {
  readonly name: string;
  /** Undefined when the name was only asked for. */
  readonly port?: number;
  readonly why: string;
}

const MOST_TOLD = 500; // a guest that makes up names shall not fill the user's screen
const BURST = 10;
const EVERY_MS = 5_000;

/** Tells each name and port that is refused once, at a bounded rate, on its way to the audit. */
export class Refusals implements Audit {
  readonly #audit: Audit;
  readonly #tell: (refused: Refused) => void;
  readonly #told = new Set<string>();
  #tokens = BURST;
  #filledAt = performance.now();

  constructor(audit: Audit, tell: (refused: Refused) => void) {
    this.#audit = audit;
    this.#tell = tell;
  }

  record(decision: Decision): void {
    this.#audit.record(decision);
    const { kind, verdict, name, port, why } = decision;
    if (verdict !== "refused" || kind === "part" || canonicalName(name) !== name) return;
    const key = `${name}:${port ?? ""}`;
    if (this.#told.has(key) || this.#told.size >= MOST_TOLD || !this.#mayTell()) return;
    this.#told.add(key);
    this.#tell({ name, ...(port === undefined ? {} : { port }), why });
  }

  #mayTell(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(BURST, this.#tokens + (now - this.#filledAt) / EVERY_MS);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
