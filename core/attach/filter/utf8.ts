/**
 * Looks at the character that begins with a byte of 0x80 or more. Answers its length when it is one; 0 when its rest has not come yet;
 * and minus the number of bytes that are none: overlong forms, surrogates, what is above U+10FFFF, and the C1 controls U+0080–U+009F,
 * which terminals obey like escape sequences.
 */
export function characterAt(input: Uint8Array, at: number): number {
  const first = input[at] as number;
  if (first < 0xc2 || first > 0xf4) return -1;
  if (at + 1 >= input.length) return 0;
  const second = input[at + 1] as number;
  if (second < lowest(first) || second > highest(first)) return -1;
  if (first < 0xe0) return first === 0xc2 && second < 0xa0 ? -2 : 2;
  if (at + 2 >= input.length) return 0;
  if (!continues(input[at + 2] as number)) return -2;
  if (first < 0xf0) return 3;
  if (at + 3 >= input.length) return 0;
  return continues(input[at + 3] as number) ? 4 : -3;
}

// The Unicode Standard, table 3-7: the second byte has a narrower range after some first ones.
function lowest(first: number): number {
  if (first === 0xe0) return 0xa0;
  return first === 0xf0 ? 0x90 : 0x80;
}

function highest(first: number): number {
  if (first === 0xed) return 0x9f;
  return first === 0xf4 ? 0x8f : 0xbf;
}

function continues(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
