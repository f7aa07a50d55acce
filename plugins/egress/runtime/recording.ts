import type { Total } from "../gateway/totals.ts";
import { canonicalName } from "../names/canonical-name.ts";
import { literalAddress } from "../names/destination.ts";
import { Policy, type PolicyData } from "../policy/policy.ts";
import { DEFAULT_PORTS } from "../policy/rule.ts";

/**
 * The fewest rules that would have allowed what was reached while egress was open: each host once where its ports are the usual
 * ones, and with its port otherwise. What the rules of plugins and presets allow anyway is not among them. No wildcards: which
 * other names would be harmless, nobody can see in a record.
 */
export function rulesOf(totals: readonly Total[], { allow }: Pick<PolicyData, "allow">): readonly string[] {
  const anyway = new Policy({ mode: "allowlist", allow: allow.filter(({ by }) => by !== "egress.allow"), deny: [], ask: false });
  const ports = new Map<string, Set<number>>();
  for (const { name, port, allowed } of totals) {
    const destination = canonicalName(name) ?? literalAddress(name);
    if (allowed === 0 || port === 0 || destination === undefined || anyway.decide({ name: destination, port }).allowed) continue;
    ports.set(name, (ports.get(name) ?? new Set()).add(port));
  }
  return [...ports].sort(([one], [other]) => (one < other ? -1 : 1)).flatMap(([name, used]) => {
    const isUsual = DEFAULT_PORTS.every((port) => used.has(port));
    const rest = [...used].filter((port) => !isUsual || !DEFAULT_PORTS.includes(port)).sort((a, b) => a - b);
    return [...(isUsual ? [name] : []), ...rest.map((port) => `${name}:${port}`)];
  });
}
