import { open, type FileHandle } from "node:fs/promises";
import { dataExtents } from "./data-extents.ts";
import { hashSparse } from "./read-sparse.ts";
import { writeAll } from "./write-all.ts";

/** A stretch of a file that holds anything but zeros: its offset and its length, in bytes. */
export type Extent = readonly [offset: number, bytes: number];

/** What a sparse file holds: where, and a SHA-256 over the SHA-256 of each 4 MiB of those stretches one after the other. */
export interface Content {
  readonly extents: readonly Extent[];
  readonly sha256: string;
}

const CHUNK_BYTES = 4 * 1024 * 1024;
/** What is nothing but zeros is left out in blocks of this size, in bytes. */
export const BLOCK_BYTES = 64 * 1024;
const ZEROS = Buffer.alloc(BLOCK_BYTES);

/** Copies a file, leaving holes where it has nothing but zeros, and brings the copy to the disk. */
export async function packSparse(source: string, target: string, signal: AbortSignal): Promise<Content> {
  const filled = await dataExtents(source, signal);
  await using from = await open(source, "r");
  await using to = await open(target, "wx", 0o600);
  const read = async (into: Buffer, length: number, offset: number): Promise<number> => (await from.read(into, 0, length, offset)).bytesRead;
  const extents = await copyFilled(read, filled, to, signal);
  await to.truncate((await from.stat()).size);
  await to.sync();
  return { extents, sha256: await hashSparse(target, extents, signal) };
}

/** Copies stretches of something that `read` reads into a file, leaving out zeros; answers what was written. Reads ahead while it writes. */
export async function copyFilled(
  read: (into: Buffer, length: number, offset: number) => Promise<number>,
  extents: readonly Extent[],
  to: FileHandle,
  signal: AbortSignal,
): Promise<Extent[]> {
  const parts = extents.flatMap(([offset, bytes]) => chunked(offset, bytes));
  const buffers = [Buffer.alloc(CHUNK_BYTES), Buffer.alloc(CHUNK_BYTES)] as const;
  const fill = async (index: number): Promise<Buffer> => {
    const [offset, bytes] = parts[index] ?? [0, 0];
    const buffer = buffers[(index % 2) as 0 | 1].subarray(0, bytes);
    for (let done = 0; done < bytes; ) {
      const count = await read(buffer.subarray(done), bytes - done, offset + done);
      if (count === 0) throw new Error("the memory ends too early");
      done += count;
    }
    return buffer;
  };
  const written: [number, number][] = [];
  let next = fill(0);
  for (const [index, [offset]] of parts.entries()) {
    signal.throwIfAborted();
    const chunk = await next;
    next = fill(index + 1);
    next.catch(() => {}); // thrown where it is awaited
    for (const [start, end] of filledParts(chunk)) {
      await writeAll(to, chunk.subarray(start, end), offset + start);
      const last = written.at(-1);
      if (last && last[0] + last[1] === offset + start) last[1] += end - start;
      else written.push([offset + start, end - start]);
    }
  }
  await next;
  return written;
}

/** A stretch in parts of at most so many bytes. */
export function chunked(offset: number, bytes: number, partBytes = CHUNK_BYTES): Extent[] {
  const count = Math.ceil(bytes / partBytes);
  return Array.from({ length: count }, (_, index) => [offset + index * partBytes, Math.min(partBytes, bytes - index * partBytes)]);
}

function filledParts(chunk: Buffer): [number, number][] {
  const parts: [number, number][] = [];
  for (let start = 0; start < chunk.length; start += BLOCK_BYTES) {
    const end = Math.min(start + BLOCK_BYTES, chunk.length);
    if (chunk.subarray(start, end).equals(ZEROS.subarray(0, end - start))) continue;
    const last = parts.at(-1);
    if (last?.[1] === start) last[1] = end;
    else parts.push([start, end]);
  }
  return parts;
}
