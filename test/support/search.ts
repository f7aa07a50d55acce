import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

const PIECE = 4 << 20;

/** Texts of one length that all begin alike, such as the markers of a test. */
export interface Wanted {
  readonly beginning: string;
  readonly pattern: RegExp;
  readonly length: number;
}

/** Which of them stand in the bytes. */
export function textsIn(bytes: Buffer, { beginning, pattern, length }: Wanted): readonly string[] {
  const found: string[] = [];
  for (let at = bytes.indexOf(beginning); at >= 0; at = bytes.indexOf(beginning, at + 1)) {
    const text = bytes.toString("latin1", at, at + length);
    if (pattern.test(text)) found.push(text);
  }
  return found;
}

/** Which of them stand in a part of an open file; what cannot be read of it, such as a mapping of a device, holds none. */
function textsInPart(file: number, from: number, to: number, wanted: Wanted): readonly string[] {
  const piece = Buffer.allocUnsafe(Math.max(0, Math.min(PIECE + wanted.length, to - from)));
  const found: string[] = [];
  for (let at = from; at < to; at += PIECE) {
    const length = readOrNothing(file, piece, Math.min(piece.length, to - at), at);
    found.push(...textsIn(piece.subarray(0, length), wanted));
  }
  return found;
}

/** Which of them stand in a file, or in the parts of it that are given as place and length. */
export function textsInFile(path: string, wanted: Wanted, parts?: readonly (readonly [number, number])[]): readonly string[] {
  const file = openSync(path, "r");
  try {
    const all = parts ?? [[0, statSync(path).size] as const];
    return unique(all.flatMap(([at, length]) => textsInPart(file, at, at + length, wanted)));
  } finally {
    closeSync(file);
  }
}

/** Which of them stand in the plain files below a directory, or in their names; links are not followed. */
export function textsInFolder(folder: string, wanted: Wanted): readonly string[] {
  // a recursive reading of Node's would follow links
  return unique(readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const below = entry.isDirectory() ? textsInFolder(path, wanted) : entry.isFile() ? textsInFile(path, wanted) : [];
    return [...textsIn(Buffer.from(entry.name), wanted), ...below];
  }));
}

/** Which of them stand anywhere in the memory of a process that it can write to; of QEMU that is the guest's memory too. */
export function textsInMemory(pid: number, wanted: Wanted): readonly string[] {
  const memory = openSync(`/proc/${pid}/mem`, "r");
  try {
    return unique(readFileSync(`/proc/${pid}/maps`, "utf8").split("\n").flatMap((line) => {
      const [, from = "", to = ""] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      return from === "" ? [] : textsInPart(memory, Number.parseInt(from, 16), Number.parseInt(to, 16), wanted);
    }));
  } finally {
    closeSync(memory);
  }
}

function readOrNothing(file: number, piece: Buffer, length: number, at: number): number {
  try {
    return readSync(file, piece, 0, length, at);
  } catch {
    return 0;
  }
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
