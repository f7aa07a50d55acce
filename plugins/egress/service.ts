import { fail } from "./failures.ts";
import { describeRules } from "./policy/describe.ts";
import { readRule, type Rule } from "./policy/rule.ts";

/** What egress lends to other plugins: to name what the guest must reach, and to say what it can reach. */
export interface Egress {
  /** Allows `host` or `host:port` on behalf of a plugin, in `build` or `boot`. Throws EGRESS_RULE_INVALID, or EGRESS_RULE_LATE. */
  allow(rule: string, by: string): void;
  /** What is allowed so far. */
  rules(): readonly Rule[];
  /** A sentence or two on what can be reached, for the agent's memory file. */
  describe(): string;
  /** No more rules from now on, since the gateway takes them as they are. */
  seal(): readonly Rule[];
}

declare module "../../core/services.ts" {
  interface Services {
    egress: Egress;
  }
}

/** Collects the rules of one session: the user's first, then what plugins need. */
export class RuleCollector implements Egress {
  readonly #rules: Rule[] = [];
  #sealed = false;

  constructor(allow: readonly string[]) {
    for (const rule of allow) this.allow(rule, "egress.allow");
  }

  allow(rule: string, by: string): void {
    if (this.#sealed) throw fail("EGRESS_RULE_LATE", { rule, by });
    const reading = readRule(rule);
    if ("why" in reading) throw fail("EGRESS_RULE_INVALID", { rule, by, why: reading.why });
    this.#rules.push({ ...reading, by });
  }

  rules(): readonly Rule[] {
    return [...this.#rules];
  }

  describe(): string {
    return describeRules(this.#rules);
  }

  seal(): readonly Rule[] {
    this.#sealed = true;
    return this.rules();
  }
}
