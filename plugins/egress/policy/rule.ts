import { isIP } from "node:net";
import { canonicalName, type CanonicalName } from "../names/canonical-name.ts";

/** A host and the TCP ports on it that may be reached. Plain data: it crosses to the gateway as it is. */
export interface Rule {
  readonly host: CanonicalName;
  readonly ports: readonly number[];
  /** Who asked for it: "egress.allow" or a plugin's name. */
  readonly by: string;
}

/** A rule's text read, or why it cannot be one. */
export type RuleReading = { readonly host: CanonicalName; readonly ports: readonly number[] } | { readonly why: string };

/** The ports that a rule means when it names none: https and http. */
export const DEFAULT_PORTS: readonly number[] = [443, 80];

/** Reads `host` or `host:port`. Nothing else is a rule: what cannot be enforced exactly is refused, never guessed at. */
export function readRule(text: string): RuleReading {
  const unfit = whyUnfit(text);
  if (unfit !== undefined) return { why: unfit };
  const [hostText = "", portText, ...rest] = text.split(":");
  const host = canonicalName(hostText);
  if (host === undefined || rest.length > 0) return { why: "it is neither a host name nor host:port" };
  if (portText === undefined) return { host, ports: DEFAULT_PORTS };
  const port = readPort(portText);
  return port === undefined ? { why: "its port is not a number from 1 to 65535" } : { host, ports: [port] };
}

/** A port number in its one decimal notation; undefined for anything else. */
export function readPort(text: string): number | undefined {
  const port = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function whyUnfit(text: string): string | undefined {
  if (text === "") return "it is empty";
  if (text.includes("://")) return "write the host alone, without a scheme";
  if (/^[A-Z]+ /.test(text)) return "methods are not yet supported";
  if (text.includes("*")) return "wildcards are not yet supported; name each host";
  if (text.includes("/")) return "paths and address ranges are not yet supported; name a host";
  if (isIP(text.replace(/^\[|\](?::[0-9]*)?$/g, "")) !== 0 || isIP(text.replace(/:[0-9]*$/, "")) !== 0) {
    return "addresses are not yet supported; name a host";
  }
  return /[^\x00-\x7f]/.test(text) ? "write names beyond ASCII in their xn-- form" : undefined;
}
