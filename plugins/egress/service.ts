import { Contributions } from "./contributions.ts";
import { fail } from "./failures.ts";
import type { Contributed, Contribution } from "./parts.ts";
import { describePolicy } from "./policy/describe.ts";
import type { PolicyData } from "./policy/policy.ts";
import { readRule, type Rule, type RuleText } from "./policy/rule.ts";
import type { Upstream } from "./policy/upstream.ts";

/** What egress lends to other plugins: to name what the guest must reach, and to say what it can reach. */
export interface Egress {
  /** Allows what the rule says on behalf of a plugin, in `build` or `boot`. Throws EGRESS_RULE_INVALID, or EGRESS_RULE_LATE. */
  allow(rule: RuleText, by: string): void;
  /** What is allowed so far. */
  rules(): readonly Rule[];
  /** A sentence or two on what can be reached now, for the agent's memory file. */
  describe(): string;
  /** Calls back whenever the user has changed while the session runs what can be reached; answers how to stop that. */
  onChange(listener: () => void): () => void;
  /**
   * Adds a module to the gateway, in `build` or `boot`: it can deny, name hosts to intercept, and change or refuse requests and
   * responses. Throws EGRESS_PART_MISSING, EGRESS_PART_TWICE, or EGRESS_PART_LATE.
   */
  contribute(contribution: Contribution): Contributed;
  /** Sends what the guest dials to another place, or to a host without TLS, in `build` or `boot`; what `egress.upstreams` says of it wins. */
  lead(upstream: Upstream): void;
  /** What was led so far. */
  led(): readonly Upstream[];
  /** Makes the guest trust a certificate, in PEM; in build or boot. */
  trust(pem: string): void;
  /** What the guest is made to trust beside its own store, each in PEM; all of it is known from provision on. */
  trusted(): readonly string[];
  /** Shared suffixes that wildcards of the rules cover, for a warning: anybody can have names there. */
  shared(): readonly { readonly rule: string; readonly suffix: string }[];
  /** What was contributed. */
  readonly contributions: Contributions;
  /** No more rules of plugins from now on, since the gateway starts with what there is. */
  seal(): PolicyData;
  /** What is in force from now on, in place of what was sealed. */
  changed(data: PolicyData): void;
}

declare module "../../core/services.ts" {
  interface Services {
    egress: Egress;
  }
}

/** What the options say of the policy. */
export interface PolicyWishes {
  readonly mode: PolicyData["mode"];
  readonly allow: readonly RuleText[];
  readonly deny: readonly RuleText[];
  /** Lets everything public through, to see what is needed. */
  readonly record?: boolean | undefined;
  /** At a terminal the user is asked anyway, from the moment the program starts. */
  readonly ask?: boolean | undefined;
}

/** Collects the rules of one session: the user's first, then what plugins need. */
export class RuleCollector implements Egress {
  readonly contributions = new Contributions();
  readonly #trusted = new Set<string>();
  readonly #led: Upstream[] = [];
  readonly #rules: Rule[] = [];
  readonly #shared: { readonly rule: string; readonly suffix: string }[] = [];
  readonly #asks: boolean | undefined;
  readonly #wishes: PolicyWishes & { readonly ask: boolean };
  readonly #listeners = new Set<() => void>();
  #sealed = false;
  #inForce: PolicyData | undefined;

  constructor(wishes: Partial<PolicyWishes> & Pick<PolicyWishes, "allow">) {
    const { mode: wanted = "allowlist", record = false, deny = [], ask = false } = wishes;
    const mode = record && wanted === "allowlist" ? "open" : wanted;
    this.#asks = wishes.ask;
    this.#wishes = { mode, allow: wishes.allow, deny, ask };
    for (const rule of wishes.allow) this.allow(rule, "egress.allow");
  }

  allow(rule: RuleText, by: string): void {
    if (this.#sealed) throw fail("EGRESS_RULE_LATE", { rule: shown(rule), by });
    const { shared: suffix, ...read } = readOrThrow(rule, by, "allow");
    this.#rules.push(read);
    if (suffix !== undefined) this.#shared.push({ rule: shown(rule), suffix });
  }

  contribute(contribution: Contribution): Contributed {
    return this.contributions.add(contribution);
  }

  lead(upstream: Upstream): void {
    this.#led.push(upstream);
  }

  led(): readonly Upstream[] {
    return [...this.#led];
  }

  trust(pem: string): void {
    this.#trusted.add(pem.trimEnd());
  }

  trusted(): readonly string[] {
    return [...this.#trusted];
  }

  rules(): readonly Rule[] {
    return [...this.#rules];
  }

  shared(): readonly { readonly rule: string; readonly suffix: string }[] {
    return [...this.#shared];
  }

  describe(): string {
    // who sits at a terminal will be asked, from the moment the program starts
    const ask = this.#asks ?? (process.stdin.isTTY === true && process.stdout.isTTY === true);
    return describePolicy(this.#inForce ?? { ...this.#data(), ask });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  changed(data: PolicyData): void {
    this.#inForce = data;
    for (const listener of this.#listeners) listener();
  }

  seal(): PolicyData {
    this.#sealed = true;
    return this.#data();
  }

  #data(): PolicyData {
    const { mode, deny, ask } = this.#wishes;
    return { mode, allow: this.rules(), deny: deny.map((rule) => ruleOf(rule, "egress.deny", "deny")), ask };
  }
}

function readOrThrow(text: RuleText, by: string, purpose: "allow" | "deny"): Rule & { readonly shared?: string } {
  const reading = readRule(text, purpose);
  if ("why" in reading) throw fail("EGRESS_RULE_INVALID", { rule: shown(text), by, why: reading.why });
  return { ...reading.rule, by, ...(reading.shared === undefined ? {} : { shared: reading.shared }) };
}

function ruleOf(text: RuleText, by: string, purpose: "allow" | "deny"): Rule {
  const { shared: _, ...rule } = readOrThrow(text, by, purpose);
  return rule;
}

function shown(rule: RuleText): string {
  return typeof rule === "string" ? rule : JSON.stringify(rule);
}
