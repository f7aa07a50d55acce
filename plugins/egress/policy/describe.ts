import { showPattern } from "./host-pattern.ts";
import type { PolicyData } from "./policy.ts";
import { DEFAULT_PORTS, isAboutRequests, showRule, type Rule } from "./rule.ts";

const MOST_NAMED = 50;
const ASKING = "ask the user to run `cloche egress allow HOST` on the host";

/** Some sentences for the agent, who has to know what it can reach and what to ask for. */
export function describePolicy({ mode, allow, deny, ask }: PolicyData): string {
  if (mode === "off") return "No host on the network can be reached, and the user cannot be asked for one.";
  const denied = deny.length === 0 ? "" : ` Never to be reached, whatever the task: ${listed(deny.map(showRule))}.`;
  if (mode === "open") return `Every public host can be reached, on ports 443 and 80${otherPorts(allow)}; private addresses cannot.${denied}`;
  const names = [...portsByHost(allow.filter((rule) => !isAboutRequests(rule)))].map(([host, ports]) => `${host}${portsInWords(ports)}`);
  const limited = allow.filter(isAboutRequests).map((rule) => `${showRule(rule)} only`);
  const reachable = [...names, ...limited];
  const others = ask
    ? `A connection to any other host waits until the user has answered, and is refused when the answer is no; or ${ASKING}.`
    : `Every other host is refused at once; when a task needs one, ${ASKING}.`;
  if (reachable.length === 0) return `No host on the network can be reached. ${others}${denied}`;
  return `These hosts can be reached: ${listed(reachable)}. ${others}${denied}`;
}

function listed(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? ` and ${names.length - MOST_NAMED} more` : "";
  return `${names.slice(0, MOST_NAMED).join(", ")}${more}`;
}

function otherPorts(rules: readonly Rule[]): string {
  const ports = new Set(rules.flatMap((rule) => rule.ports).filter((port) => !DEFAULT_PORTS.includes(port)));
  return ports.size === 0 ? "" : ` and ${[...ports].join(", ")}`;
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
