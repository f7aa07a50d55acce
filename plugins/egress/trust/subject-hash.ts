import { createHash, X509Certificate } from "node:crypto";
import { der, sequence, text } from "../gateway/tls/der.ts";

const CONTEXT_0 = 0xa0;
const SET = 0x31;
const HASH_BYTES = 4;

/** One value of DER: its tag, its content, and where the next one begins. */
interface Value {
  readonly tag: number;
  readonly content: Buffer;
  readonly next: number;
}

/** The kinds of text that OpenSSL compares as text, each with how its bytes become characters. */
const TEXTS: Readonly<Record<number, (bytes: Buffer) => string>> = {
  0x0c: (bytes) => bytes.toString("utf8"),
  0x13: (bytes) => bytes.toString("latin1"),
  0x14: (bytes) => bytes.toString("latin1"),
  0x16: (bytes) => bytes.toString("latin1"),
  0x1a: (bytes) => bytes.toString("latin1"),
  0x1c: (bytes) => String.fromCodePoint(...Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readUInt32BE(4 * index))),
  0x1e: (bytes) => Buffer.from(bytes).swap16().toString("utf16le"),
};

/**
 * The number by which OpenSSL looks a certificate, in PEM, up in a folder: what `openssl x509 -subject_hash` says. It is computed here
 * because starting openssl takes a tenth of a second in a guest under emulation.
 */
export function subjectHash(pem: string): string {
  const [body] = valuesOf(valueAt(new X509Certificate(pem).raw, 0).content);
  const fields = valuesOf(body?.content ?? Buffer.alloc(0));
  // version if there is one, serial, algorithm, issuer, validity, subject
  const subject = fields[fields[0]?.tag === CONTEXT_0 ? 5 : 4];
  const names = valuesOf(subject?.content ?? Buffer.alloc(0)).map(({ content }) => canonicalSet(content));
  return createHash("sha1").update(Buffer.concat(names)).digest().subarray(0, HASH_BYTES).reverse().toString("hex");
}

/** One part of a name as OpenSSL compares it: in UTF-8, small letters, without spaces around and with single ones inside. */
function canonicalSet(content: Buffer): Buffer {
  const attributes = valuesOf(content).map((attribute) => {
    const [type, value] = valuesOf(attribute.content);
    if (!type || !value) throw new Error("a certificate's name is not one");
    const decode = TEXTS[value.tag];
    const said = decode ? text(canonicalText(decode(value.content))) : der(value.tag, value.content);
    return sequence(der(type.tag, type.content), said);
  });
  return der(SET, ...attributes.sort((a, b) => Buffer.compare(a, b)));
}

function canonicalText(value: string): string {
  return value.replace(/[\t-\r ]+/g, " ").replace(/^ | $/g, "").replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The values that stand one after the other in some bytes. */
function valuesOf(bytes: Buffer): readonly Value[] {
  const values: Value[] = [];
  for (let at = 0; at < bytes.length; ) {
    const value = valueAt(bytes, at);
    values.push(value);
    at = value.next;
  }
  return values;
}

function valueAt(bytes: Buffer, at: number): Value {
  const first = bytes.readUInt8(at + 1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes);
  const begin = at + 2 + lengthBytes;
  return { tag: bytes.readUInt8(at), content: bytes.subarray(begin, begin + length), next: begin + length };
}
