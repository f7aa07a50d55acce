import { execFileSync } from "node:child_process";
import { expect } from "chai";
import fc from "fast-check";
import { canonicalName } from "../../../../plugins/egress/names/canonical-name.ts";
import { literalAddress } from "../../../../plugins/egress/names/destination.ts";

// which of the lines the system takes for an address in some notation, without asking anybody
const NUMERIC = `
import json, socket, sys
def numeric(text):
    try:
        return socket.getaddrinfo(text.encode("latin1"), None, flags=socket.AI_NUMERICHOST)[0][4][0]
    except (OSError, UnicodeError, ValueError):
        return None
json.dump([numeric(text) for text in json.load(sys.stdin)], sys.stdout)
`;

function asAddresses(texts: readonly string[]): readonly (string | null)[] {
  return JSON.parse(execFileSync("python3", ["-c", NUMERIC], { input: JSON.stringify(texts), encoding: "utf8" })) as (string | null)[];
}

const part = fc.oneof(fc.nat(300).map(String), fc.nat(2 ** 32 - 1).map((value) => `0x${value.toString(16)}`), fc.nat(0o777).map((value) => `0${value.toString(8)}`), fc.stringMatching(/^[a-z0-9-]{1,6}$/));
const odd = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("."));

describe("What is accepted as a name, to the system's getaddrinfo", () => {
  it("is never an address, though it takes them in many notations", () => {
    const texts = [...fc.sample(fc.oneof(odd, fc.domain(), fc.ipV4Extended()), 4_000), "127.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.1"];
    const addresses = asAddresses(texts);
    expect(addresses.slice(-5)).to.deep.equal(Array(5).fill("127.0.0.1")); // so that the next line can fail
    expect(texts.filter((text, index) => canonicalName(text) !== undefined && addresses[index] !== null)).to.deep.equal([]);
  });

  it("and what is accepted as an address is that address", () => {
    const texts = fc.sample(fc.oneof(fc.ipV4(), fc.ipV6(), fc.ipV4Extended(), fc.string({ maxLength: 20 })), 3_000).filter((text) => /^[\x20-\x7e]*$/.test(text));
    const addresses = asAddresses(texts);
    const literals = texts.map(literalAddress);
    expect(literals.filter((literal) => literal !== undefined).length).to.be.above(500);
    for (const [index, literal] of literals.entries()) {
      const address = addresses[index];
      if (literal !== undefined) expect(literalAddress(address ?? ""), texts[index]).to.equal(literal);
    }
  });
});
