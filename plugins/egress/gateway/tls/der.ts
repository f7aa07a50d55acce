// The part of ASN.1's distinguished encoding (X.690) that a certificate is written in. Nothing is ever read by it.

const SEQUENCE = 0x30;
const SET = 0x31;
const LONG_LENGTH = 0x80;

/** One value: tag, length, content. */
export function der(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

function lengthOf(length: number): Buffer {
  if (length < LONG_LENGTH) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex");
  return Buffer.concat([Buffer.from([LONG_LENGTH | bytes.length]), bytes]);
}

/** SEQUENCE of values. */
export function sequence(...values: readonly Uint8Array[]): Buffer {
  return der(SEQUENCE, ...values);
}

/** SET of one value, as names have it. */
export function setOf(value: Uint8Array): Buffer {
  return der(SET, value);
}

/** INTEGER, positive, from its bytes. */
export function integer(bytes: Uint8Array): Buffer {
  const [first = 0] = bytes;
  return der(0x02, first >= 0x80 ? Buffer.from([0]) : Buffer.alloc(0), bytes);
}

/** BOOLEAN true; what is false by default is not written. */
export function yes(): Buffer {
  return der(0x01, Buffer.from([0xff]));
}

/** BIT STRING; `unused` bits at the end of the last byte do not count. */
export function bits(bytes: Uint8Array, unused = 0): Buffer {
  return der(0x03, Buffer.from([unused]), bytes);
}

/** OCTET STRING. */
export function octets(bytes: Uint8Array): Buffer {
  return der(0x04, bytes);
}

/** UTF8String. */
export function text(value: string): Buffer {
  return der(0x0c, Buffer.from(value, "utf8"));
}

/** OBJECT IDENTIFIER, from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  return der(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const digits = [value & 0x7f];
  for (let left = value >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80);
  return digits;
}

/** UTCTime, to the second; good until 2049. */
export function time(date: Date): Buffer {
  return der(0x17, Buffer.from(`${date.toISOString().replace(/\.\d+Z$/, "Z").replace(/[-:T]/g, "").slice(2)}`, "ascii"));
}

/** A value in a context's own tag: `[number]`, wrapped, or in the value's place. */
export function tagged(number: number, content: Uint8Array, wrapped = true): Buffer {
  return der((wrapped ? 0xa0 : 0x80) | number, content);
}
