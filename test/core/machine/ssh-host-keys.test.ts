import { createPublicKey, verify } from "node:crypto";
import { expect } from "chai";
import ssh2 from "ssh2";
import { makeKeyPair, type KeyPair } from "../../../core/machine/host-keys.ts";

const PREFIX = Buffer.from("0000000b7373682d6564323535313900000020", "hex");

function signs(pair: KeyPair): boolean {
  const parsed = ssh2.utils.parseKey(pair.privateKey);
  if (parsed instanceof Error) throw parsed;
  const signature = parsed.sign(Buffer.from("text"));
  const x = pair.wireKey.subarray(PREFIX.length).toString("base64url");
  return verify(null, Buffer.from("text"), createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" }), signature as Buffer);
}

describe("key pairs of a session", () => {
  it("are in OpenSSH's format, and sign for the public key that they come with", () => {
    const pair = makeKeyPair();
    expect(pair.publicKey).to.equal(`ssh-ed25519 ${pair.wireKey.toString("base64")}`);
    expect(pair.wireKey.subarray(0, PREFIX.length)).to.deep.equal(PREFIX);
    expect(signs(pair)).to.equal(true);
  });

  it("keep a zero at the front of the public key, which ssh2's own function loses", () => {
    let pair = makeKeyPair();
    while (pair.wireKey[PREFIX.length] !== 0) pair = makeKeyPair();
    expect(pair.wireKey.length).to.equal(PREFIX.length + 32);
    expect(signs(pair)).to.equal(true);
  }).timeout(20_000);

  it("are never the same twice", () => {
    expect(makeKeyPair().privateKey).to.not.equal(makeKeyPair().privateKey);
  });
});
