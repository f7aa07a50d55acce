import { createHash, randomBytes, sign, type KeyObject } from "node:crypto";
import { bits, integer, octets, oid, sequence, setOf, tagged, text, time, yes } from "./der.ts";

/** What a certificate says (RFC 5280). */
export interface Statement {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: string;
  /** The issuer's key pair; P-256. */
  readonly issuerKey: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly from: Date;
  readonly until: Date;
  /** What it is for: to sign others, or to be a server of these DNS names. */
  readonly use: "authority" | readonly string[];
}

const OID = {
  commonName: "2.5.4.3",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  alternativeNames: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyId: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
} as const;

const VERSION_3 = integer(Buffer.from([2]));
const SERIAL_BYTES = 16;
const SIGNS_CERTIFICATES = bits(Buffer.from([0b0000_0110]), 1); // keyCertSign, cRLSign
const SIGNS_HANDSHAKES = bits(Buffer.from([0b1000_0000]), 7); // digitalSignature
const ALGORITHM = sequence(oid(OID.ecdsaWithSha256));

/** Writes and signs a certificate; answers it in PEM. Every reader that is as strict as Python 3.13 or OpenSSL takes it. */
export function certificate(statement: Statement): string {
  const { subject, publicKey, issuer, issuerKey, from, until } = statement;
  const serial = randomBytes(SERIAL_BYTES);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and never shorter
  const body = sequence(
    tagged(0, VERSION_3), integer(serial), ALGORITHM, name(issuer), sequence(time(from), time(until)), name(subject),
    publicKey.export({ type: "spki", format: "der" }), tagged(3, sequence(...extensions(statement))),
  );
  const signature = sign("sha256", body, { key: issuerKey.privateKey, dsaEncoding: "der" });
  const base64 = sequence(body, ALGORITHM, bits(signature)).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}

function extensions({ use, publicKey, issuerKey }: Statement): Buffer[] {
  const own = extension(OID.subjectKeyId, octets(keyId(publicKey)));
  const issuers = extension(OID.authorityKeyId, sequence(tagged(0, keyId(issuerKey.publicKey), false)));
  if (use === "authority") {
    // it may sign servers' certificates, and no further authority
    const constraints = sequence(yes(), integer(Buffer.from([0])));
    return [extension(OID.basicConstraints, constraints, true), extension(OID.keyUsage, SIGNS_CERTIFICATES, true), own];
  }
  const names = sequence(...use.map((host) => tagged(2, Buffer.from(host, "ascii"), false)));
  return [
    extension(OID.basicConstraints, sequence(), true), extension(OID.keyUsage, SIGNS_HANDSHAKES, true),
    extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth))), extension(OID.alternativeNames, names), own, issuers,
  ];
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  return sequence(oid(id), ...(critical ? [yes()] : []), octets(value));
}

function name(commonName: string): Buffer {
  return sequence(setOf(sequence(oid(OID.commonName), text(commonName))));
}

/** RFC 5280 4.2.1.2, the first method: the hash of the key's bits. */
function keyId(key: KeyObject): Buffer {
  const point = key.export({ type: "spki", format: "der" }).subarray(-65); // an uncompressed point of P-256 stands last
  return createHash("sha1").update(point).digest();
}
