/** A text to look for, and what to put in its place. */
export interface Needle {
  readonly find: Buffer;
  readonly put: Buffer;
}

// A shorter piece of base64 could stand in any data.
const SHORTEST_BASE64 = 16;

/** A value as it may stand in a message: as it is, in an address, in JSON with its slashes escaped, and in base64. */
export function formsOf(value: string, replacement: string): readonly Needle[] {
  const plain: readonly (readonly [string, string])[] = [
    [value, replacement],
    [encodeURIComponent(value), encodeURIComponent(replacement)],
    [value.replaceAll("/", "\\/"), replacement],
  ];
  const encoded = [0, 1, 2].flatMap((offset) => {
    const find = base64At(value, offset);
    return find.length < SHORTEST_BASE64 ? [] : [[find, base64At(replacement.padEnd(value.length, "x").slice(0, value.length), offset)] as const];
  });
  const both = encoded.flatMap(([find, put]) => [[find, put] as const, [urlSafe(find), urlSafe(put)] as const]);
  const needles = new Map([...plain, ...both].map(([find, put]) => [find, { find: Buffer.from(find), put: Buffer.from(put) }]));
  return [...needles.values()];
}

/** The part of a value's base64 that is the same whatever stands around it, when it begins at this place in a group of three bytes. */
function base64At(value: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(value)]);
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3));
  return whole.toString("base64").slice(offset === 0 ? 0 : 4);
}

function urlSafe(base64: string): string {
  return base64.replaceAll("+", "-").replaceAll("/", "_");
}

/** The first needle in the bytes from a place on; of two at one place the longer. */
export function firstOf(bytes: Buffer, needles: readonly Needle[], from: number): { readonly at: number; readonly needle: Needle } | undefined {
  let first: { at: number; needle: Needle } | undefined;
  for (const needle of needles) {
    const at = bytes.indexOf(needle.find, from);
    if (at >= 0 && (!first || at < first.at || (at === first.at && needle.find.length > first.needle.find.length))) first = { at, needle };
  }
  return first;
}

/** How many bytes at the end could be the beginning of a needle, and so have to wait for what comes next. */
export function unfinished(bytes: Buffer, needles: readonly Needle[]): number {
  let most = 0;
  for (const { find } of needles) {
    for (let length = Math.min(find.length - 1, bytes.length); length > most; length -= 1) {
      if (bytes[bytes.length - length] !== find[0]) continue;
      if (bytes.subarray(bytes.length - length).equals(find.subarray(0, length))) most = length;
    }
  }
  return most;
}
