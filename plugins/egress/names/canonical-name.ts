import { domainToASCII, domainToUnicode } from "node:url";

/** A host name in the one form that is matched, logged and dialled; only `canonicalName` makes it. */
export type CanonicalName = string & { readonly __canonicalName: true };

// RFC 1123: letters, digits and inner dashes, 63 octets a label; RFC 1035: 253 characters in all.
const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const NAME = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const LONGEST = 253;
// `127.1`, `2130706433` and `0x7f.1` are addresses to getaddrinfo and to URLs, though no dotted quads.
const ENDS_IN_NUMBER = /(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/;
// getaddrinfo answers these from the machine itself (RFC 6761), the DNS would be asked by us.
const LOCAL = /(?:^|\.)localhost$/;

/**
 * The canonical form of a host name: lower case, no trailing dot, A-labels only; undefined for everything that could mean
 * something else to another reader, addresses in any notation among them. Accepted names mean the same to URLs and to getaddrinfo.
 */
export function canonicalName(text: string): CanonicalName | undefined {
  if (text.length > LONGEST + 1 || !/^[\x21-\x7e]+$/.test(text)) return undefined;
  const name = text.toLowerCase().replace(/\.$/, "");
  if (name.length > LONGEST || !NAME.test(name)) return undefined;
  if (ENDS_IN_NUMBER.test(name) || LOCAL.test(name)) return undefined;
  return name.split(".").every(meansItself) ? (name as CanonicalName) : undefined;
}

// What begins with xn-- and stands for nothing is left as it is by some readers and refused by others.
function meansItself(label: string): boolean {
  if (!label.startsWith("xn--")) return true;
  const meant = domainToUnicode(label);
  return meant !== label && domainToASCII(meant) === label;
}
