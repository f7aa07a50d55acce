/** What an address is, as far as it matters for who may be dialled; only "public" addresses are reached by name. */
export type AddressKind =
  | "public"
  | "loopback"
  | "private"
  | "link-local"
  | "metadata"
  | "shared"
  | "multicast"
  | "embeds-ipv4"
  | "reserved";

type Range = readonly [cidr: string, kind: Exclude<AddressKind, "public">];

/** IANA's special-purpose IPv4 registry, and the addresses where clouds serve credentials; the first match counts. */
export const IPV4_RANGES: readonly Range[] = [
  ["169.254.169.254/32", "metadata"],
  ["169.254.170.2/32", "metadata"], // Amazon's containers
  ["100.100.100.200/32", "metadata"], // Alibaba
  ["168.63.129.16/32", "metadata"], // Azure; a public address otherwise
  ["192.0.0.192/32", "metadata"], // Oracle
  ["0.0.0.0/8", "loopback"], // Linux connects 0.0.0.0 to itself
  ["127.0.0.0/8", "loopback"],
  ["10.0.0.0/8", "private"],
  ["172.16.0.0/12", "private"],
  ["192.168.0.0/16", "private"],
  ["100.64.0.0/10", "shared"],
  ["169.254.0.0/16", "link-local"],
  ["192.0.0.0/24", "reserved"],
  ["192.0.2.0/24", "reserved"],
  ["192.88.99.0/24", "reserved"],
  ["198.18.0.0/15", "reserved"],
  ["198.51.100.0/24", "reserved"],
  ["203.0.113.0/24", "reserved"],
  ["224.0.0.0/4", "multicast"],
  ["240.0.0.0/4", "reserved"],
];

/** IANA's special-purpose IPv6 registry; what lies outside 2000::/3 and is not named here is reserved too. */
export const IPV6_RANGES: readonly Range[] = [
  ["::/128", "loopback"],
  ["::1/128", "loopback"],
  ["::/96", "embeds-ipv4"], // compatible
  ["::ffff:0:0/96", "embeds-ipv4"], // mapped
  ["::ffff:0:0:0/96", "embeds-ipv4"], // translated
  ["64:ff9b::/96", "embeds-ipv4"], // NAT64
  ["64:ff9b:1::/48", "embeds-ipv4"],
  ["2001::/32", "embeds-ipv4"], // Teredo
  ["2002::/16", "embeds-ipv4"], // 6to4
  ["fd00:ec2::/32", "metadata"], // Amazon
  ["fd20:ce::254/128", "metadata"], // Google
  ["fc00::/7", "private"],
  ["fec0::/10", "private"], // site-local, deprecated, still routed by slirp
  ["fe80::/10", "link-local"],
  ["ff00::/8", "multicast"],
  ["2001::/23", "reserved"],
  ["2001:db8::/32", "reserved"],
  ["3fff::/20", "reserved"],
];
