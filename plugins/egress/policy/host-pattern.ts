import { isIPv4 } from "node:net";
import { isIPv6Address } from "../addresses/parse.ts";
import { canonicalName, type CanonicalName } from "../names/canonical-name.ts";
import { literalAddress, type LiteralAddress } from "../names/destination.ts";
import { breadthBelow } from "./suffixes.ts";

/** What a rule says of the host: one name, every name below one (not itself), or an address. Plain data. */
export type HostPattern =
  | { readonly kind: "name"; readonly name: CanonicalName }
  | { readonly kind: "below"; readonly base: CanonicalName }
  | { readonly kind: "address"; readonly address: LiteralAddress };

/** A pattern, with the shared suffix that it covers, or why the text is none. */
export type PatternReading = { readonly host: HostPattern; readonly shared?: string } | { readonly why: string };

const WILDCARD = "*.";

/** Reads the host of a rule, without its port. */
export function readHostPattern(text: string): PatternReading {
  if (text.includes("*")) return readWildcard(text);
  const bare = /^\[.*\]$/.test(text) ? text.slice(1, -1) : text;
  if (isIPv4(bare) || isIPv6Address(bare)) {
    const address = literalAddress(bare);
    return address === undefined ? { why: "an address must have no zone" } : { host: { kind: "address", address } };
  }
  const name = canonicalName(text);
  return name === undefined ? { why: "it is neither a host name nor host:port" } : { host: { kind: "name", name } };
}

function readWildcard(text: string): PatternReading {
  if (text === "*") return { why: 'it would mean every host; set egress.mode to "open" when that is what you want' };
  const baseText = text.slice(WILDCARD.length);
  if (!text.startsWith(WILDCARD) || baseText.includes("*")) return { why: 'a "*" stands for whole labels at the beginning only, as in *.example.com' };
  const base = canonicalName(baseText);
  if (base === undefined) return { why: "what follows its star is not a host name" };
  const breadth = breadthBelow(base);
  if (breadth.kind === "public") return { why: `anybody can have a name below "${base}"` };
  return { host: { kind: "below", base }, ...(breadth.kind === "shared" ? { shared: breadth.suffix } : {}) };
}

/** The pattern as it is written in a rule. */
export function showPattern(host: HostPattern): string {
  switch (host.kind) {
    case "name": return host.name;
    case "below": return `${WILDCARD}${host.base}`;
    case "address": return host.address.includes(":") ? `[${host.address}]` : host.address;
  }
}
