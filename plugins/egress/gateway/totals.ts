import type { Audit, Decision } from "./audit.ts";

/** What became of all that was asked about one name and port; names asked for in the DNS only have port 0. */
export interface Total {
  readonly name: string;
  readonly port: number;
  readonly allowed: number;
  readonly refused: number;
  readonly failed: number;
  readonly sent: number;
  readonly received: number;
}

const MOST = 2_000;

/** Counts decisions by name and port on their way to the audit; later names beyond 2,000 are counted together as "others". */
export class Totals implements Audit {
  readonly #audit: Audit;
  readonly #totals = new Map<string, { -readonly [K in keyof Total]: Total[K] }>();

  constructor(audit: Audit) {
    this.#audit = audit;
  }

  record(decision: Decision): void {
    this.#audit.record(decision);
    if (decision.kind === "request" && decision.verdict === "allowed") return; // its connection is counted
    const total = this.#totalOf(decision);
    total[decision.verdict] += 1;
    total.sent += decision.sent ?? 0;
    total.received += decision.received ?? 0;
  }

  list(): readonly Total[] {
    return [...this.#totals.values()].map((total) => ({ ...total }));
  }

  #totalOf({ name, port = 0 }: Decision) {
    const full = this.#totals.size >= MOST && !this.#totals.has(`${name}:${port}`);
    const about = full ? { name: "others", port: 0 } : { name, port };
    const key = `${about.name}:${about.port}`;
    const known = this.#totals.get(key);
    if (known) return known;
    const fresh = { ...about, allowed: 0, refused: 0, failed: 0, sent: 0, received: 0 };
    this.#totals.set(key, fresh);
    return fresh;
  }
}
