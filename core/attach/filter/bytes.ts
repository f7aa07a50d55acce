// Names of the bytes that terminals obey: ECMA-48, section 5.
export const BEL = 0x07;
export const SHIFT_OUT = 0x0e;
export const SHIFT_IN = 0x0f;
export const CANCEL = 0x18;
export const SUBSTITUTE = 0x1a;
export const ESC = 0x1b;

/** What stands in the place of bytes that are no text, in UTF-8: U+FFFD. */
export const REPLACEMENT = Buffer.from("\ufffd");

/** 1 for each byte that needs no look when it stands outside of a sequence: printable ASCII, and what moves on the page. */
export const PLAIN = new Uint8Array(256).fill(1, 0x20, 0x7f);
for (const control of "\b\t\n\v\f\r") PLAIN[control.charCodeAt(0)] = 1;

/** The bytes of an ASCII text. */
export function ascii(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
