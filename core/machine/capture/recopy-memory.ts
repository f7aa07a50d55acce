import { open } from "node:fs/promises";
import type { Peek } from "../containment.ts";
import { BLOCK_BYTES, chunked, type Extent } from "../template/sparse.ts";
import { writeAll } from "../template/write-all.ts";
import type { MemoryStretches } from "./copy-memory.ts";
import { union } from "./held-pages.ts";
import type { Reserve } from "./reserve.ts";

// So many go side by side, since a program that stands still leaves the processors to us.
const LANES = 2;
// What was read twice is compared while the processor still has it at hand.
const PART_BYTES = 1024 * 1024;

/**
 * Brings a copy that was made while the program ran up to date, now that it stands still: only what differs is written, which takes a
 * fraction of the time that a copy takes. `copied` is what the copy holds; answers what it holds now.
 */
export async function recopyMemory(
  peek: Peek,
  { address, extents }: MemoryStretches,
  target: string,
  copied: readonly Extent[],
  reserve: Reserve,
  signal: AbortSignal,
): Promise<Extent[]> {
  await using memory = await peek.memory();
  await using copy = await open(target, "r+");
  const known = new Set(copied.flatMap(([offset, bytes]) => chunked(offset, bytes, BLOCK_BYTES).map(([start]) => blockOf(start))));
  const parts = union(extents, copied).flatMap(([offset, bytes]) => chunked(offset, bytes, PART_BYTES));
  const written: Extent[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    const [now, before] = [Buffer.alloc(PART_BYTES), Buffer.alloc(PART_BYTES)];
    for (let part = parts[next++]; part; part = parts[next++]) {
      const [offset, bytes] = part;
      signal.throwIfAborted();
      await Promise.all([readAll(memory, now, bytes, address + offset), readAll(copy, before, bytes, offset)]);
      for (const [start, length] of chunked(0, bytes, BLOCK_BYTES)) {
        const block = now.subarray(start, start + length);
        if (block.equals(before.subarray(start, start + length))) continue;
        if (!known.has(blockOf(offset + start))) await reserve.give(length);
        await writeAll(copy, block, offset + start);
        written.push([offset + start, length]);
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return union(copied, written);
}

function blockOf(offset: number): number {
  return Math.floor(offset / BLOCK_BYTES);
}

async function readAll(from: { read(into: Buffer, at: number, length: number, offset: number): Promise<{ bytesRead: number }> }, into: Buffer, bytes: number, offset: number): Promise<void> {
  for (let done = 0; done < bytes; ) {
    const { bytesRead } = await from.read(into, done, bytes - done, offset + done);
    if (bytesRead === 0) throw new Error("the memory ends too early");
    done += bytesRead;
  }
}
