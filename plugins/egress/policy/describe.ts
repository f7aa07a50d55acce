import { showPattern } from "./host-pattern.ts";
import { DEFAULT_PORTS, type Rule } from "./rule.ts";

const MOST_NAMED = 50;

/** A sentence or two for the agent, who has to know what it can reach and what to ask for. */
export function describeRules(rules: readonly Rule[]): string {
  const reachable = [...portsByHost(rules)].map(([host, ports]) => `${host}${portsInWords(ports)}`);
  const refused = "Every other host is refused at once; when a task needs one, ask the user to add it to `egress.allow`.";
  if (reachable.length === 0) return `No host on the network can be reached. ${refused}`;
  const named = reachable.slice(0, MOST_NAMED).join(", ");
  const more = reachable.length > MOST_NAMED ? ` and ${reachable.length - MOST_NAMED} more` : "";
  return `These hosts can be reached: ${named}${more}. ${refused}`;
}

function portsByHost(rules: readonly Rule[]): Map<string, Set<number>> {
  const hosts = new Map<string, Set<number>>();
  for (const rule of rules) {
    const host = showPattern(rule.host);
    hosts.set(host, new Set([...(hosts.get(host) ?? []), ...rule.ports]));
  }
  return hosts;
}

function portsInWords(ports: ReadonlySet<number>): string {
  const usual = ports.size === DEFAULT_PORTS.length && DEFAULT_PORTS.every((port) => ports.has(port));
  if (usual) return "";
  return ` (port ${[...ports].sort((a, b) => a - b).join(", ")})`;
}
