import type { CanonicalName } from "../names/canonical-name.ts";
import type { Rule } from "./rule.ts";

/** What the policy says of a name and port, with the reason in words for the audit. */
export interface Verdict {
  readonly allowed: boolean;
  readonly why: string;
}

/** What may be reached. Everything is refused but what a rule names; no rules means nothing. */
export class Policy {
  readonly #ports = new Map<CanonicalName, Map<number, Rule>>();

  constructor(rules: readonly Rule[]) {
    for (const rule of rules) this.#add(rule);
  }

  /** Whether any port of the name may be reached, so that the name gets an address. */
  decideName(name: CanonicalName): Verdict {
    const [rule] = this.#ports.get(name)?.values() ?? [];
    return rule ? allowedBy(rule) : { allowed: false, why: "no rule names this host" };
  }

  /** Whether a connection may be made. */
  decide(name: CanonicalName, port: number): Verdict {
    const rule = this.#ports.get(name)?.get(port);
    if (rule) return allowedBy(rule);
    return this.#ports.has(name) ? { allowed: false, why: "no rule names this port" } : this.decideName(name);
  }

  #add(rule: Rule): void {
    const ports = this.#ports.get(rule.host) ?? new Map<number, Rule>();
    for (const port of rule.ports) if (!ports.has(port)) ports.set(port, rule);
    this.#ports.set(rule.host, ports);
  }
}

function allowedBy(rule: Rule): Verdict {
  return { allowed: true, why: `allowed by ${rule.by}` };
}
