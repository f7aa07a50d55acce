import { closeSync, openSync, readFileSync, readSync } from "node:fs";

const PIECE = 4 << 20;

/** Which of the texts stand anywhere in the memory of a process that it can write to; of QEMU that is the guest's memory too. */
export function inMemoryOf(pid: number, texts: readonly string[]): readonly string[] {
  const needles = texts.map((text) => Buffer.from(text));
  const overlap = Math.max(...needles.map((needle) => needle.length)) - 1;
  const found = new Set<string>();
  const memory = openSync(`/proc/${pid}/mem`, "r");
  const piece = Buffer.alloc(PIECE + overlap);
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
      const [, from = "", to = ""] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
      const end = Number.parseInt(to, 16);
      for (let at = Number.parseInt(from, 16); at < end; at += PIECE) {
        const length = readOrNothing(memory, piece, Math.min(PIECE + overlap, end - at), at);
        needles.forEach((needle, index) => {
          if (piece.subarray(0, length).includes(needle)) found.add(texts[index] ?? "");
        });
      }
    }
  } finally {
    closeSync(memory);
  }
  return [...found].sort();
}

function readOrNothing(memory: number, piece: Buffer, length: number, at: number): number {
  try {
    return readSync(memory, piece, 0, length, at);
  } catch {
    return 0; // a mapping of a device
  }
}
