import { parseIPv4, parseIPv6 } from "../addresses/parse.ts";
import type { CanonicalName } from "./canonical-name.ts";

/** An IP address in its one notation; only `literalAddress` makes it. */
export type LiteralAddress = string & { readonly __literalAddress: true };

/** What the guest can want to reach: a name, or an address that it dials without one. */
export type Destination = CanonicalName | LiteralAddress;

/** The one notation of an address (RFC 5952 for IPv6, without brackets); undefined for anything else, also with a zone. */
export function literalAddress(text: string): LiteralAddress | undefined {
  if (parseIPv4(text)) return text as LiteralAddress;
  if (!parseIPv6(text)) return undefined;
  return new URL(`http://[${text}]`).hostname.slice(1, -1) as LiteralAddress;
}

/** Whether a destination is an address. */
export function isLiteral(destination: Destination): destination is LiteralAddress {
  return literalAddress(destination) !== undefined;
}
