import { expect } from "chai";
import fc from "fast-check";
import { canonicalName } from "../../../../plugins/egress/names/canonical-name.ts";

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const plainName = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join("."));

describe("The canonical form of a name", () => {
  it("is lower case without a trailing dot", () => {
    expect(canonicalName("API.Example.COM.")).to.equal("api.example.com");
    expect(canonicalName("nexus")).to.equal("nexus");
    expect(canonicalName("xn--bcher-kva.example")).to.equal("xn--bcher-kva.example");
    expect(canonicalName("r3---sn-4g5e6nsz.example")).to.equal("r3---sn-4g5e6nsz.example");
    expect(canonicalName(`${"a.".repeat(126)}a`)).to.have.length(253);
  });

  for (const text of [
    "", ".", "..", "a..b", ".a", "a.b..", "-a.example", "a-.example", "a_b.example", "*.example.com", "a b", " a", "a\n", "a\0.example",
    "127.0.0.1\0.allowed.com", "127.0.0.1", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0", "0x7f000001", "example.0x", "1.2.3.4.", "a.1",
    "①②⑦.0.0.1", "::1", "[::1]", "fe80::1%eth0", "localhost", "LOCALHOST.", "foo.localhost", "example。com", "ex\u00admple.com", "а\u006clowed.com",
    "xn--", "xn--a", "xn--xn---epa.example", "evil.com\\@allowed.com", "allowed.com@evil.com", "allowed.com%00.evil.com", "allowed.com%2eevil.com",
    "allowed.com:443", "[allowed.com]", `${"a".repeat(64)}.example`, `${"a.".repeat(127)}aa`, "a".repeat(100_000),
  ]) {
    it(`does not exist for ${JSON.stringify(text.slice(0, 40))}`, () => {
      expect(canonicalName(text)).to.equal(undefined);
    });
  }

  it("is its own canonical form, and only of letters, digits, dashes and dots", () => {
    fc.assert(fc.property(fc.oneof(plainName, fc.string({ unit: "binary", maxLength: 300 }), fc.domain()), (text) => {
      const name = canonicalName(text);
      if (name === undefined) return;
      expect(name).to.match(/^[a-z0-9.-]{1,253}$/);
      expect(canonicalName(name)).to.equal(name);
      expect(canonicalName(`${name.toUpperCase()}.`)).to.equal(name);
    }));
  });

  it("means the same to URLs, whatever was accepted", () => {
    fc.assert(fc.property(fc.oneof(plainName, fc.domain(), fc.stringMatching(/^(xn--)?[a-z0-9-]{1,12}(\.(xn--|0x)?[a-z0-9-]{1,8}){0,2}$/)), (text) => {
      const name = canonicalName(text);
      if (name !== undefined) expect(new URL(`https://${text}/`).hostname.replace(/\.$/, "")).to.equal(name);
    }), { numRuns: 2000 });
  });

  it("does not exist with a foreign byte at any place", () => {
    for (let byte = 0; byte < 256; byte += 1) {
      const character = String.fromCharCode(byte);
      if (/[A-Za-z0-9.-]/.test(character)) continue;
      for (let at = 0; at <= "abc.example".length; at += 1) {
        expect(canonicalName(`${"abc.example".slice(0, at)}${character}${"abc.example".slice(at)}`), `byte ${byte} at ${at}`).to.equal(undefined);
      }
    }
  });
});
