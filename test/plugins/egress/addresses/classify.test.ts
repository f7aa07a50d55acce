import { expect } from "chai";
import fc from "fast-check";
import { classify } from "../../../../plugins/egress/addresses/classify.ts";
import type { AddressKind } from "../../../../plugins/egress/addresses/special-ranges.ts";

const KNOWN: Readonly<Record<string, AddressKind>> = {
  "1.1.1.1": "public", "93.184.216.34": "public", "172.15.255.255": "public", "172.32.0.0": "public", "100.63.255.255": "public",
  "100.128.0.0": "public", "223.255.255.255": "public", "198.17.255.255": "public", "198.20.0.0": "public", "168.63.129.15": "public",
  "2606:4700::1111": "public", "2a00:1450:4001::200e": "public", "2001:4860:4860::8888": "public", "2001:200::1": "public",
  "127.0.0.1": "loopback", "127.255.255.255": "loopback", "0.0.0.0": "loopback", "0.1.2.3": "loopback", "::1": "loopback", "::": "loopback",
  "10.0.0.1": "private", "172.16.0.1": "private", "172.31.255.255": "private", "192.168.1.1": "private", "fd12:3456::1": "private", "fc00::1": "private", "fec0::2": "private",
  "169.254.1.1": "link-local", "fe80::1": "link-local", "febf::1": "link-local",
  "169.254.169.254": "metadata", "169.254.170.2": "metadata", "100.100.100.200": "metadata", "168.63.129.16": "metadata", "192.0.0.192": "metadata", "fd00:ec2::254": "metadata",
  "100.64.0.1": "shared", "100.127.255.255": "shared",
  "224.0.0.1": "multicast", "239.255.255.255": "multicast", "ff02::1": "multicast",
  "::ffff:127.0.0.1": "embeds-ipv4", "::ffff:7f00:1": "embeds-ipv4", "::ffff:1.1.1.1": "embeds-ipv4", "::127.0.0.1": "embeds-ipv4", "64:ff9b::7f00:1": "embeds-ipv4",
  "64:ff9b:1::1": "embeds-ipv4", "2002:7f00:1::": "embeds-ipv4", "2001:0::1": "embeds-ipv4", "2001::7f00:1": "embeds-ipv4", "::ffff:0:7f00:1": "embeds-ipv4", "2a00::5efe:7f00:1": "embeds-ipv4",
  "2a00::200:5efe:7f00:1": "embeds-ipv4",
  "192.0.2.1": "reserved", "198.51.100.1": "reserved", "203.0.113.1": "reserved", "198.18.0.2": "reserved", "198.19.255.255": "reserved", "240.0.0.1": "reserved",
  "255.255.255.255": "reserved", "192.88.99.1": "reserved", "2001:db8::1": "reserved", "3fff::1": "reserved", "100::1": "reserved", "4000::1": "reserved", "5f00::1": "reserved", "2001:20::1": "reserved",
  "": "reserved", "example.com": "reserved", "127.1": "reserved", "0x7f.1": "reserved", "2130706433": "reserved", "1.1.1.1 ": "reserved", "2606:4700::1111%eth0": "reserved", "[::1]": "reserved",
};

describe("The kind of an address", () => {
  for (const [address, kind] of Object.entries(KNOWN)) {
    it(`${JSON.stringify(address)} is ${kind}`, () => expect(classify(address)).to.equal(kind));
  }

  it("is never public for what embeds an IPv4 address, whatever that is and however it is written", () => {
    fc.assert(fc.property(fc.ipV4(), (quad) => {
      const [a = 0, b = 0, c = 0, d = 0] = quad.split(".").map(Number);
      const hex = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
      for (const form of [`::ffff:${quad}`, `::ffff:${hex}`, `::${quad}`, `64:ff9b::${quad}`, `2002:${hex}::1`, `2001:0:${hex}::1`, `::ffff:0:${hex}`, `2a00::5efe:${quad}`]) {
        expect(classify(form), form).not.to.equal("public");
      }
    }));
  });

  it("is found for every address, and is the same for every way to write it", () => {
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (address) => {
      const kind = classify(address);
      const full = URL.canParse(`http://[${address}]/`) ? new URL(`http://[${address}]/`).hostname.slice(1, -1) : address;
      expect(classify(full)).to.equal(kind);
      expect(classify(address.toUpperCase())).to.equal(kind);
    }));
  });
});
