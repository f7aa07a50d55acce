import { z } from "zod";
import type { Reach } from "../../../core/index.ts";
import { fail } from "../failures.ts";
import type { Gateway } from "../gateway-process.ts";
import type { GatewayStatus, PolicyApplied } from "../gateway/protocol.ts";
import { showPattern } from "../policy/host-pattern.ts";
import { Policy, type PolicyData, type PolicyMode } from "../policy/policy.ts";
import { readRule, showRule, type Rule, type RuleText } from "../policy/rule.ts";
import type { LivePolicy } from "./live-policy.ts";

const MOST_WORDS = 100;
const MOST_SHOWN = 100;
const LARGEST_STATUS = 50_000; // a frame has 64 KiB, and the guest chooses the names
const LONGEST_OPENING_MS = 7 * 86_400_000;

/** What a running session is asked for by the commands of egress. */
export interface Status {
  readonly mode: PolicyMode;
  /** When an opening ends, in ISO 8601. */
  readonly openUntil?: string;
  readonly ask: boolean;
  readonly allow: readonly ShownRule[];
  readonly deny: readonly ShownRule[];
  readonly pending: GatewayStatus["pending"];
  readonly connections: GatewayStatus["connections"];
  readonly totals: GatewayStatus["totals"];
  /** How many of each there are, since long lists are cut. */
  readonly counts: { readonly allow: number; readonly deny: number; readonly connections: number; readonly totals: number };
}

/** A rule as it is shown, and who asked for it. */
export interface ShownRule {
  readonly rule: string;
  readonly by: string;
}

/** What a change did. */
export interface Changed {
  /** The rules that are in force now, as a user writes them. */
  readonly rules: readonly string[];
  /** Connections that were closed. */
  readonly closed: number;
  /** What has no effect, and why. */
  readonly without?: readonly string[];
}

const words = z.array(z.string().max(512)).max(MOST_WORDS);
const wanted = z.strictObject({ rules: words, ids: z.array(z.int().min(1)).max(MOST_WORDS) });

/** Answers the commands of egress while the session runs. */
export function serveEgress({ serve }: Pick<Reach<unknown>, "serve">, policy: LivePolicy, gateway: Pick<Gateway, "link">): void {
  const { link } = gateway;

  serve("egress.status", z.strictObject({}), async (): Promise<Status> => {
    const { mode, ask, allow, deny } = policy.data;
    const { pending, connections, totals } = await link.ask("status", undefined);
    const counts = { allow: allow.length, deny: deny.length, connections: connections.length, totals: totals.length };
    const busiest = [...totals].sort((one, other) => traffic(other) - traffic(one));
    const until = policy.openUntil === undefined ? {} : { openUntil: new Date(policy.openUntil).toISOString() };
    const status = (most: number): Status => ({
      mode, ...until, ask, allow: shown(allow, most), deny: shown(deny, most), pending, connections: connections.slice(0, most), totals: busiest.slice(0, most), counts,
    });
    let most = MOST_SHOWN;
    while (most > 1 && JSON.stringify(status(most)).length > LARGEST_STATUS) most = Math.floor(most / 2);
    return status(most);
  });

  serve("egress.allow", wanted.extend({ once: z.boolean().default(false) }), async ({ rules, ids, once }): Promise<Changed> => {
    if (once) return await answerOnce(rules, ids);
    const changed = await applyEach([...read(rules, "allow"), ...(await pendingRules(ids))], (rule) => policy.allow(rule));
    return { ...changed, without: withoutEffect(read(rules, "allow"), policy.data) };
  });

  serve("egress.deny", wanted, async ({ rules, ids }): Promise<Changed> => {
    return await applyEach([...read(rules, "deny"), ...(await pendingRules(ids))], (rule) => policy.deny(rule));
  });

  serve("egress.open", z.strictObject({ forMs: z.int().min(1).max(LONGEST_OPENING_MS).optional() }), async ({ forMs }) => await policy.open(forMs));
  serve("egress.close", z.strictObject({}), async () => ({ closed: (await policy.close()).closed }));

  async function answerOnce(rules: readonly string[], ids: readonly number[]): Promise<Changed> {
    const { pending } = await link.ask("status", undefined);
    const named = read(rules, "allow").flatMap(({ host, ports }) => pending.filter(({ name, port }) => host.kind === "name" && host.name === name && ports.includes(port)).map(({ id }) => id));
    if (rules.length > 0 && named.length === 0) throw fail("EGRESS_NOT_ASKED", { what: rules.join(", ") });
    const answered = [...ids, ...named];
    for (const id of answered) if (!(await link.ask("answer", { id, yes: true })).found) throw fail("EGRESS_NOT_ASKED", { what: String(id) });
    return { rules: pending.filter(({ id }) => answered.includes(id)).map(({ name, port }) => `${name}:${port}`), closed: 0 };
  }

  async function pendingRules(ids: readonly number[]): Promise<readonly Omit<Rule, "by">[]> {
    if (ids.length === 0) return [];
    const { pending } = await link.ask("status", undefined);
    return ids.flatMap((wantedId) => {
      const found = pending.find(({ id }) => id === wantedId);
      if (!found) throw fail("EGRESS_NOT_ASKED", { what: String(wantedId) });
      return read([{ host: found.name, ports: [found.port] }], "allow");
    });
  }
}

async function applyEach(rules: readonly Omit<Rule, "by">[], apply: (rule: Omit<Rule, "by">) => Promise<PolicyApplied>): Promise<Changed> {
  let closed = 0;
  for (const rule of rules) closed += (await apply(rule)).closed;
  return { rules: rules.map(showRule), closed };
}

/** Allowing what is denied elsewhere, or while egress is off, changes nothing; whoever does it should hear so. */
function withoutEffect(rules: readonly Omit<Rule, "by">[], data: PolicyData): readonly string[] {
  const policy = new Policy(data);
  return rules.flatMap(({ host, ports }) => {
    const name = host.kind === "name" ? host.name : host.kind === "address" ? host.address : undefined;
    const verdicts = name === undefined ? [] : ports.map((port) => policy.decide({ name, port }));
    const refusal = verdicts.find(({ allowed }) => !allowed);
    return refusal ? [`${showPattern(host)}: ${refusal.why}`] : [];
  });
}

function read(texts: readonly RuleText[], purpose: "allow" | "deny"): readonly Omit<Rule, "by">[] {
  return texts.map((text) => {
    const reading = readRule(text, purpose);
    if ("why" in reading) throw fail("EGRESS_RULE_INVALID", { rule: typeof text === "string" ? text : JSON.stringify(text), by: "the command line", why: reading.why });
    return reading.rule;
  });
}

function shown(rules: readonly Rule[], most: number): readonly ShownRule[] {
  return rules.slice(0, most).map((rule) => ({ rule: showRule(rule), by: rule.by }));
}

function traffic({ sent, received }: { readonly sent: number; readonly received: number }): number {
  return sent + received;
}
