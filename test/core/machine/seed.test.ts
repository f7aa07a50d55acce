import { createHash } from "node:crypto";
import { expect } from "chai";
import { encodeSeed, makeMachineId, MAX_SEED_BYTES, type Seed } from "../../../core/machine/seed.ts";

const SEED: Seed = { hostname: "cloche-x", machineId: makeMachineId(), hostKey: "PEM\nTEXT\n", authorizedKey: "ssh-ed25519 AAAA", dial: "10.0.2.2:22" };

function decode(message: Buffer): { header: string[]; values: Map<string, string>; payload: Buffer } {
  const end = message.indexOf("\n");
  const payload = message.subarray(end + 1);
  const lines = payload.toString("latin1").trimEnd().split("\n");
  const values = new Map(lines.map((line): [string, string] => {
    const [key = "", value = ""] = line.split(" ");
    return [key, Buffer.from(value, "base64").toString("latin1")];
  }));
  return { header: message.toString("latin1", 0, end).split(" "), values, payload };
}

describe("the seed's message", () => {
  it("says its version, length and checksum first", () => {
    const { header, payload } = decode(encodeSeed(SEED));
    expect(header).to.deep.equal(["CLOCHE-SEED", "2", String(payload.length), createHash("sha256").update(payload).digest("hex")]);
  });

  it("holds each value, the time of sending and 64 random bytes", () => {
    const { values } = decode(encodeSeed(SEED, 1_700_000_000_250));
    expect(values.get("hostname")).to.equal("cloche-x");
    expect(values.get("clock")).to.equal("1700000000.250");
    expect(values.get("entropy")).to.have.length(64);
    expect(values.get("machine-id")).to.match(/^[0-9a-f]{32}\n$/);
    expect(values.get("host-key")).to.equal("PEM\nTEXT\n");
    expect(values.get("authorized-key")).to.equal("ssh-ed25519 AAAA\n");
    expect(values.get("dial")).to.equal("10.0.2.2:22");
  });

  it("has other random bytes each time", () => {
    expect(decode(encodeSeed(SEED)).values.get("entropy")).to.not.equal(decode(encodeSeed(SEED)).values.get("entropy"));
  });

  it("is not made longer than the guest accepts", () => {
    expect(() => encodeSeed({ ...SEED, hostKey: "x".repeat(MAX_SEED_BYTES) })).to.throw("too long");
  });
});
