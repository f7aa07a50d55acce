import { expect } from "chai";
import fc from "fast-check";
import { readRule, showRule } from "../../../../plugins/egress/policy/rule.ts";

describe("A rule", () => {
  it("is a host, which means ports 443 and 80, or host:port", () => {
    const host = { kind: "name", name: "example.com" };
    expect(readRule("Example.com")).to.deep.equal({ rule: { host, ports: [443, 80] } });
    expect(readRule("example.com:8443")).to.deep.equal({ rule: { host, ports: [8443] } });
    expect(readRule("example.com:65535")).to.deep.equal({ rule: { host, ports: [65_535] } });
  });

  it("is a wildcard for all names below one, an address, or an object that says more", () => {
    expect(readRule("*.Example.com:8443")).to.deep.equal({ rule: { host: { kind: "below", base: "example.com" }, ports: [8443] } });
    expect(readRule("10.0.0.1:80")).to.deep.equal({ rule: { host: { kind: "address", address: "10.0.0.1" }, ports: [80] } });
    for (const text of ["[2001:DB8:0::1]:80", "[2001:db8::1]:80"]) {
      expect(readRule(text)).to.deep.equal({ rule: { host: { kind: "address", address: "2001:db8::1" }, ports: [80] } });
    }
    expect(readRule("2001:db8::1")).to.deep.equal({ rule: { host: { kind: "address", address: "2001:db8::1" }, ports: [443, 80] } });
    const object = { host: "api.example.com", ports: [443], methods: ["GET", "M-SEARCH"], paths: ["/v1/*", "/ok"], private: true };
    expect(readRule(object)).to.deep.equal({ rule: { ...object, host: { kind: "name", name: "api.example.com" } } });
  });

  it("means every port when it denies and names none", () => {
    expect(readRule("example.com", "deny")).to.have.nested.property("rule.ports").that.deep.equals([]);
  });

  it("says which suffix strangers share below a wildcard", () => {
    for (const [text, shared] of Object.entries({ "*.github.io": "github.io", "*.amazonaws.com": "s3.amazonaws.com", "*.example.com": undefined, "*.mine.github.io": undefined })) {
      expect(readRule(text), text).to.have.property("rule");
      expect((readRule(text) as { shared?: string }).shared, text).to.equal(shared);
    }
  });

  const refusedObjects: Readonly<Record<string, readonly [rule: object, why: RegExp]>> = {
    "a port twice": [{ host: "a.example:1", ports: [1] }, /twice/], "no port": [{ host: "a.example", ports: [] }, /empty/], "port 0": [{ host: "a.example", ports: [0] }, /1 to 65535/],
    "no method": [{ host: "a.example", methods: [] }, /methods/], "a method in small letters": [{ host: "a.example", methods: ["get"] }, /methods/],
    "no path": [{ host: "a.example", paths: [] }, /paths is empty/], "a path without slash": [{ host: "a.example", paths: ["a"] }, /slash/],
    "a star within": [{ host: "a.example", paths: ["/a*b"] }, /at its end/], "dot segments": [{ host: "a.example", paths: ["/a/../b"] }, /decoded/], "an escape": [{ host: "a.example", paths: ["/%61"] }, /decoded/],
    "a wildcard on port 22": [{ host: "*.example.com:22" }, /whole names/],
    "a private wildcard": [{ host: "*.example.com", private: true }, /only one host/],
  };
  for (const [what, [object, why]] of Object.entries(refusedObjects)) {
    it(`cannot have ${what}`, () => expect(readRule(object as { host: string })).to.have.property("why").that.matches(why));
  }

  it("has a notation that means the same", () => {
    for (const text of ["a.example", "a.example:8443", "*.example.com", "*.example.com:1", "10.0.0.1", "[2001:db8::1]:80"]) {
      const reading = readRule(text);
      expect("rule" in reading && showRule(reading.rule)).to.equal(text);
    }
  });

  const refused: Readonly<Record<string, RegExp>> = {
    "": /empty/, "*": /every host/, "*.com": /anybody/, "*.co.uk": /anybody/, "*.internal": /anybody/, "*.": /not a host/, "a.*.example": /whole labels/, "*a.example": /whole labels/, "*.*.example": /whole labels/,
    "*.example.com.*": /whole labels/, "^a$": /neither/, "GET example.com": /object form/,
    "https://example.com": /without a scheme/, "example.com/path": /paths/, "10.0.0.0/8": /ranges/, "127.1": /neither/, "0x7f.0.0.1": /neither/, "127.0.0.01": /neither/, "[fe80::1%lo]": /zone/, "[::1": /neither/, "::1:x": /neither/, "2130706433": /neither/, "bücher.example": /xn--/, "example.com:0443": /port/, "example.com:65536": /port/, "example.com:0": /port/,
    "example.com:-1": /port/, "example.com:": /port/, "example.com:443:evil.com:80": /neither/, ":443": /neither/, "[example.com]:443": /neither/, "user@example.com": /neither/,
    "example.com ": /neither/, "!example.com": /neither/, "localhost": /neither/, "example.com\0": /neither/,
  };
  for (const [text, why] of Object.entries(refused)) {
    it(`cannot be ${JSON.stringify(text)}`, () => expect(readRule(text)).to.have.property("why").that.matches(why));
  }

  it("means what its text says, whatever is accepted", () => {
    const port = fc.oneof(fc.constant(""), fc.nat(70_000).map((number) => `:${number}`), fc.string({ maxLength: 5 }).map((text) => `:${text}`));
    fc.assert(fc.property(fc.oneof(fc.domain(), fc.string()), port, (hostText, portText) => {
      const reading = readRule(hostText + portText);
      if ("why" in reading) return;
      if (reading.rule.host.kind !== "name") return;
      const url = new URL(`foo://${hostText}${portText}`.toLowerCase());
      const { host, ports } = reading.rule;
      expect("name" in host && host.name).to.equal(url.hostname.replace(/\.$/, ""));
      expect(ports).to.deep.equal(url.port === "" ? [443, 80] : [Number(url.port)]);
    }), { numRuns: 1000 });
  });
});
