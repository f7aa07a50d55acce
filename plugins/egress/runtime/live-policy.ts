import type { PolicyApplied } from "../gateway/protocol.ts";
import { showPattern } from "../policy/host-pattern.ts";
import type { PolicyData, PolicyMode } from "../policy/policy.ts";
import { showRule, type Rule } from "../policy/rule.ts";

/** Lets the gateway decide by a policy from now on, and opens what it needs. */
export type Apply = (data: PolicyData) => Promise<PolicyApplied>;

/** Who asked for a rule that was added while the session runs. */
export const BY_USER = "you, for this session";

const MOST_RULES = 1_000;

/** The policy of a running session: what it started with, and what the user changed since. Changes are made one after the other. */
export class LivePolicy {
  readonly #base: PolicyData;
  readonly #apply: Apply;
  #allow: readonly Rule[] = [];
  #deny: readonly Rule[] = [];
  #mode: PolicyMode;
  #ask: boolean;
  #openUntil: { readonly at: number; readonly timer: NodeJS.Timeout } | undefined;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(base: PolicyData, apply: Apply) {
    this.#base = base;
    this.#apply = apply;
    this.#mode = base.mode;
    this.#ask = base.ask;
  }

  /** What is in force. */
  get data(): PolicyData {
    const { allow, deny } = this.#base;
    return { mode: this.#mode, allow: [...allow, ...this.#allow], deny: [...deny, ...this.#deny], ask: this.#ask };
  }

  /** When an opening ends, in ms since the epoch; undefined when it has no end, or nothing was opened. */
  get openUntil(): number | undefined {
    return this.#openUntil?.at;
  }

  /** Adds a rule; what the user denied of it before in this session does not hold any more. */
  async allow(rule: Omit<Rule, "by">): Promise<PolicyApplied> {
    this.#deny = this.#deny.filter((other) => !overlap(other, rule));
    this.#allow = added(this.#allow, { ...rule, by: BY_USER });
    return await this.#change();
  }

  /** Denies; what the user allowed of it before in this session does not hold any more. */
  async deny(rule: Omit<Rule, "by">): Promise<PolicyApplied> {
    this.#allow = this.#allow.filter((other) => !overlap(other, rule));
    this.#deny = added(this.#deny, { ...rule, by: BY_USER });
    return await this.#change();
  }

  /** Holds connections that no rule covers for the user's answer from now on. */
  async ask(): Promise<PolicyApplied> {
    this.#ask = true;
    return await this.#change();
  }

  /** Opens everything that is public, for a while when one is given. */
  async open(forMs?: number): Promise<PolicyApplied> {
    this.#forgetTimer();
    this.#mode = "open";
    if (forMs !== undefined) {
      const timer = setTimeout(() => void this.close().catch(() => {}), forMs).unref(); // a gateway that is gone lets nothing out
      this.#openUntil = { at: Date.now() + forMs, timer };
    }
    return await this.#change();
  }

  /** Back to what the rules name; connections that only the opening allowed are closed. */
  async close(): Promise<PolicyApplied> {
    this.#forgetTimer();
    this.#mode = this.#base.mode === "open" ? "allowlist" : this.#base.mode;
    return await this.#change();
  }

  /** No timer holds the process or changes anything any more. */
  end(): void {
    this.#forgetTimer();
  }

  #forgetTimer(): void {
    clearTimeout(this.#openUntil?.timer);
    this.#openUntil = undefined;
  }

  async #change(): Promise<PolicyApplied> {
    const done = this.#changing.then(async () => await this.#apply(this.data));
    this.#changing = done.catch(() => {});
    return await done;
  }
}

function added(rules: readonly Rule[], rule: Rule): readonly Rule[] {
  const others = rules.filter((other) => showRule(other) !== showRule(rule));
  return [...others, rule].slice(-MOST_RULES);
}

/** Whether both are about the same host, and a port of it that they share; no port means every port. */
function overlap(one: Pick<Rule, "host" | "ports">, other: Pick<Rule, "host" | "ports">): boolean {
  if (showPattern(one.host) !== showPattern(other.host)) return false;
  return one.ports.length === 0 || other.ports.length === 0 || one.ports.some((port) => other.ports.includes(port));
}
