/** Kinds of images that may be pasted, in the order in which the clipboard is asked for them, with how each begins. */
const KINDS: readonly { readonly type: string; begins(bytes: Buffer): boolean }[] = [
  { type: "image/png", begins: (bytes) => bytes.subarray(0, 8).equals(Buffer.from("\x89PNG\r\n\x1a\n", "latin1")) },
  { type: "image/jpeg", begins: (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])) },
  { type: "image/webp", begins: (bytes) => word(bytes, 0) === "RIFF" && word(bytes, 8) === "WEBP" },
  { type: "image/gif", begins: (bytes) => /^GIF8[79]a$/.test(bytes.toString("latin1", 0, 6)) },
  { type: "image/bmp", begins: (bytes) => bytes.toString("latin1", 0, 2) === "BM" && bytes.length > 26 && bytes.readUInt32LE(2) === bytes.length },
];

/** Their types, as clipboards call them. */
export const IMAGE_TYPES: readonly string[] = KINDS.map(({ type }) => type);

/** The type that the bytes are by how they begin, whatever the clipboard called them; undefined when they are no image. */
export function imageTypeOf(bytes: Buffer): string | undefined {
  return KINDS.find(({ begins }) => begins(bytes))?.type;
}

function word(bytes: Buffer, at: number): string {
  return bytes.toString("latin1", at, at + 4);
}
