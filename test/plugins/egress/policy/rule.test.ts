import { expect } from "chai";
import fc from "fast-check";
import { readRule } from "../../../../plugins/egress/policy/rule.ts";

describe("A rule", () => {
  it("is a host, which means ports 443 and 80, or host:port", () => {
    expect(readRule("Example.com")).to.deep.equal({ host: "example.com", ports: [443, 80] });
    expect(readRule("example.com:8443")).to.deep.equal({ host: "example.com", ports: [8443] });
    expect(readRule("example.com:65535")).to.deep.equal({ host: "example.com", ports: [65_535] });
  });

  const refused: Readonly<Record<string, RegExp>> = {
    "": /empty/, "*": /wildcards are not yet supported/, "*.example.com": /wildcards/, "a.*.example": /wildcards/, "GET example.com": /methods are not yet supported/,
    "https://example.com": /without a scheme/, "example.com/path": /paths/, "10.0.0.0/8": /ranges/, "127.0.0.1": /addresses are not yet/, "127.0.0.1:80": /addresses/, "::1": /addresses/,
    "[::1]": /addresses/, "[::1]:443": /addresses/, "2130706433": /neither/, "bücher.example": /xn--/, "example.com:0443": /port/, "example.com:65536": /port/, "example.com:0": /port/,
    "example.com:-1": /port/, "example.com:": /port/, "example.com:443:evil.com:80": /neither/, ":443": /neither/, "[example.com]:443": /neither/, "user@example.com": /neither/,
    "example.com ": /neither/, "!example.com": /neither/, "localhost": /neither/, "example.com\0": /neither/,
  };
  for (const [text, why] of Object.entries(refused)) {
    it(`cannot be ${JSON.stringify(text)}`, () => expect(readRule(text)).to.have.property("why").that.matches(why));
  }

  it("means what its text says, whatever is accepted", () => {
    const port = fc.oneof(fc.constant(""), fc.nat(70_000).map((number) => `:${number}`), fc.string({ maxLength: 5 }).map((text) => `:${text}`));
    fc.assert(fc.property(fc.oneof(fc.domain(), fc.string()), port, (host, portText) => {
      const reading = readRule(host + portText);
      if ("why" in reading) return;
      const url = new URL(`foo://${host}${portText}`.toLowerCase());
      expect(reading.host).to.equal(url.hostname.replace(/\.$/, ""));
      expect(reading.ports).to.deep.equal(url.port === "" ? [443, 80] : [Number(url.port)]);
    }), { numRuns: 1000 });
  });
});
