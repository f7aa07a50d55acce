import { parseIPv4, parseIPv6 } from "./parse.ts";
import { IPV4_RANGES, IPV6_RANGES, type AddressKind } from "./special-ranges.ts";

interface Prefix {
  readonly value: bigint;
  readonly shift: bigint;
  readonly kind: AddressKind;
}

let prefixes: ReturnType<typeof readPrefixes> | undefined;

/** Read when the first address comes: to compile what knows an IPv6 address takes Node longer than all else that a configuration needs of us. */
function readPrefixes() {
  return {
    ipv4: IPV4_RANGES.map(([cidr, kind]) => prefix(cidr, kind, 32)),
    ipv6: IPV6_RANGES.map(([cidr, kind]) => prefix(cidr, kind, 128)),
    globalUnicast: prefix("2000::/3", "public", 128),
  };
}

/** What kind of address this is; text that is no address in its plain notation counts as "reserved". */
export function classify(address: string): AddressKind {
  const { ipv4, ipv6, globalUnicast } = (prefixes ??= readPrefixes());
  const quad = parseIPv4(address);
  if (quad) return ipv4.find((range) => covers(range, pack(quad, 8n)))?.kind ?? "public";
  const groups = parseIPv6(address);
  if (!groups) return "reserved";
  const value = pack(groups, 16n);
  const special = ipv6.find((range) => covers(range, value));
  if (special) return special.kind;
  if (!covers(globalUnicast, value)) return "reserved";
  return isIsatap(groups) ? "embeds-ipv4" : "public";
}

// RFC 5214: the interface identifier is 0000:5efe or 0200:5efe followed by an IPv4 address.
function isIsatap(groups: readonly number[]): boolean {
  return ((groups[4] ?? 0) & 0xfdff) === 0 && groups[5] === 0x5efe;
}

function covers(range: Prefix, value: bigint): boolean {
  return value >> range.shift === range.value;
}

function prefix(cidr: string, kind: AddressKind, bits: number): Prefix {
  const [address = "", length = ""] = cidr.split("/");
  const quad = parseIPv4(address);
  const value = quad ? pack(quad, 8n) : pack(parseIPv6(address) ?? [], 16n);
  const shift = BigInt(bits - Number(length));
  return { value: value >> shift, shift, kind };
}

function pack(parts: readonly number[], bits: bigint): bigint {
  return parts.reduce((value, part) => (value << bits) | BigInt(part), 0n);
}
