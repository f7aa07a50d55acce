import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { Extent } from "./sparse.ts";
import { writeAll } from "./write-all.ts";

const PART_BYTES = 4 * 1024 * 1024;
// As many as Node has threads for such work.
const LANES = 4;

/** Copies the stretches of a sparse file into a new one of `bytes`, and answers the SHA-256 of what was copied. With `rest` one part is copied at a time, and it is waited for after each. */
export async function copySparse(
  source: string,
  target: string,
  { extents, bytes, rest }: { readonly extents: readonly Extent[]; readonly bytes: number; readonly rest?: Rest },
  signal: AbortSignal,
): Promise<string> {
  await using to = await open(target, "wx", 0o600);
  await to.truncate(bytes);
  const take = async (piece: Buffer, offset: number): Promise<void> => await writeAll(to, piece, offset);
  return await readSparse(source, extents, { lanes: rest ? 1 : LANES, take, ...(rest && { rest }) }, signal);
}

/** The SHA-256 of the stretches of a sparse file. */
export async function hashSparse(source: string, extents: readonly Extent[], signal: AbortSignal): Promise<string> {
  return await readSparse(source, extents, { lanes: LANES }, signal);
}

/** What is waited for after each part, so that a copy that nobody waits for leaves the processor to others. */
export type Rest = () => Promise<unknown>;

interface Reading {
  /** How many parts are read, hashed and taken at once. */
  readonly lanes: number;
  take?(piece: Buffer, offset: number): Promise<void>;
  readonly rest?: Rest;
}

/** Hashes in Node's threads, so that neither one processor is the limit nor everything else waits meanwhile. */
async function readSparse(source: string, extents: readonly Extent[], { lanes, take, rest }: Reading, signal: AbortSignal): Promise<string> {
  await using from = await open(source, "r");
  const parts = gathered(extents);
  const sums: Buffer[] = [];
  const remaining = parts.entries();
  let isBroken = false;
  const lane = async (): Promise<void> => {
    const buffer = Buffer.allocUnsafeSlow(PART_BYTES);
    for (const [index, pieces] of remaining) {
      signal.throwIfAborted();
      if (isBroken) return;
      let held = 0;
      const taking: [Buffer, number][] = [];
      for (const [offset, bytes] of pieces) {
        // a file that is too short gives fewer bytes, and so another sum
        const { bytesRead } = await from.read(buffer, held, bytes, offset);
        taking.push([buffer.subarray(held, held + bytesRead), offset]);
        held += bytesRead;
      }
      const hashed = crypto.subtle.digest("SHA-256", buffer.subarray(0, held));
      const taken = Promise.all(taking.map(([piece, offset]) => take?.(piece, offset)));
      const [sum] = await Promise.all([hashed, taken]);
      sums[index] = Buffer.from(sum);
      await rest?.();
    }
  };
  const works = Array.from({ length: lanes }, () => lane().catch((error: unknown) => { isBroken = true; throw error; }));
  await Promise.allSettled(works); // they use the files, which are closed then
  await Promise.all(works);
  return createHash("sha256").update(Buffer.concat(sums)).digest("hex");
}

/** The stretches in parts of a buffer's size, each of one or more pieces. */
function gathered(extents: readonly Extent[]): Extent[][] {
  const parts: Extent[][] = [];
  let room = 0;
  for (let [offset, bytes] of extents) {
    while (bytes > 0) {
      if (room === 0) {
        parts.push([]);
        room = PART_BYTES;
      }
      const length = Math.min(bytes, room);
      parts.at(-1)?.push([offset, length]);
      offset += length;
      bytes -= length;
      room -= length;
    }
  }
  return parts;
}

