import { canonicalName } from "../names/canonical-name.ts";
import { literalAddress } from "../names/destination.ts";
import { Policy, type PolicyData, type Verdict } from "../policy/policy.ts";
import type { Entry } from "./entry.ts";

/** Something that a policy would decide otherwise than it was decided. */
export interface ReplayChange {
  readonly what: string;
  readonly times: number;
  readonly then: "allowed" | "refused";
  readonly now: "allowed" | "refused" | "asked";
  readonly why: string;
}

const MOST_CHANGES = 1_000;
const OWN = /^allowed by (?:egress\.|you\b)/;

/** Decides the entries of an audit by another policy. What plugins allowed for themselves stays allowed, unless it is denied. */
export class Replay {
  readonly #policy: Policy;
  readonly #changes = new Map<string, ReplayChange>();
  #decisions = 0;

  constructor(data: PolicyData) {
    this.#policy = new Policy(data);
  }

  get decisions(): number {
    return this.#decisions;
  }

  add(entry: Entry): void {
    const then = entry.verdict === "refused" ? "refused" : "allowed";
    const verdict = this.#decide(entry);
    if (!verdict) return;
    this.#decisions += 1;
    const byPlugin = entry.why.startsWith("allowed by ") && !OWN.test(entry.why) && !verdict.why.startsWith("denied");
    const now = verdict.allowed || (byPlugin && then === "allowed") ? "allowed" : verdict.ask === true ? "asked" : "refused";
    if (now === then) return;
    const what = `${entry.name}${entry.port === undefined ? "" : `:${entry.port}`}${entry.method === undefined ? "" : ` ${entry.method} ${entry.path ?? ""}`}`;
    const key = `${what} ${then}`;
    const known = this.#changes.get(key);
    if (known || this.#changes.size < MOST_CHANGES) this.#changes.set(key, { what, times: (known?.times ?? 0) + 1, then, now, why: verdict.why });
  }

  changes(): readonly ReplayChange[] {
    return [...this.#changes.values()];
  }

  #decide({ kind, name: text, port, address, via, method, path }: Entry): Verdict | undefined {
    const name = canonicalName(text);
    if (kind === "name") return name === undefined ? undefined : this.#policy.decideName(name);
    const destination = name ?? literalAddress(text);
    if (kind === "part" || destination === undefined || port === undefined) return undefined;
    const request = { ...(method === undefined ? {} : { method }), ...(path === undefined ? {} : { path }) };
    return this.#policy.decide({ name: destination, port, ...request, ...(address === undefined || via !== undefined ? {} : { address }) });
  }
}
