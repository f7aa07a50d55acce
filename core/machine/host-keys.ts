import { generateKeyPairSync, randomBytes } from "node:crypto";

/** An SSH key pair of one session; it lives in our memory and in the guest's, and on the host's disk only while the session is suspended. */
export interface KeyPair {
  /** Private key as OpenSSH writes it into files. */
  readonly privateKey: string;
  /** One line `ssh-ed25519 BASE64`, as in `authorized_keys`. */
  readonly publicKey: string;
  /** The public key as it travels in the SSH protocol, for comparing byte by byte. */
  readonly wireKey: Buffer;
}

const TYPE = "ssh-ed25519";
const LINE_CHARACTERS = 70;
const BLOCK_BYTES = 8;

/**
 * Makes a fresh ed25519 key pair in OpenSSH's formats (PROTOCOL.key of OpenSSH). ssh2 has a function for this too, but it takes the
 * zeros off the front of public keys, so one key in 256 is broken.
 */
export function makeKeyPair(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const seed = fromJwk(privateKey.export({ format: "jwk" }).d);
  const point = fromJwk(publicKey.export({ format: "jwk" }).x);
  const wireKey = Buffer.concat([field(TYPE), field(point)]);
  const check = randomBytes(4);
  const secret = padded(Buffer.concat([check, check, wireKey, field(Buffer.concat([seed, point])), field("")]));
  const count = Buffer.from([0, 0, 0, 1]);
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"), field("none"), field("none"), field(""), count, field(wireKey), field(secret),
  ]);
  return { privateKey: armored(file), publicKey: `${TYPE} ${wireKey.toString("base64")}`, wireKey };
}

function fromJwk(value: string | undefined): Buffer {
  if (value === undefined) throw new Error("an ed25519 key came without its numbers");
  return Buffer.from(value, "base64url");
}

/** A string of the SSH protocol: its length in four bytes, then its bytes (RFC 4251). */
function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function padded(bytes: Buffer): Buffer {
  const missing = (BLOCK_BYTES - (bytes.length % BLOCK_BYTES)) % BLOCK_BYTES;
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))]);
}

function armored(file: Buffer): string {
  const lines = file.toString("base64").match(new RegExp(`.{1,${LINE_CHARACTERS}}`, "g")) ?? [];
  return ["-----BEGIN OPENSSH PRIVATE KEY-----", ...lines, "-----END OPENSSH PRIVATE KEY-----", ""].join("\n");
}
