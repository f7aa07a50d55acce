import { open } from "node:fs/promises";
import type { Peek } from "../containment.ts";
import { copyFilled, type Extent } from "../template/sparse.ts";
import type { Reserve } from "./reserve.ts";

/** What of a program's memory is to be copied: stretches, as offsets from an address, of so many bytes in all. */
export interface MemoryStretches {
  readonly address: number;
  readonly bytes: number;
  readonly extents: readonly Extent[];
}

/** Copies these stretches of a program's memory into a new sparse file of `bytes`, leaving out zeros, in the room that was reserved; answers what the file holds. */
export async function copyMemory(
  peek: Peek,
  { address, bytes, extents }: MemoryStretches,
  target: string,
  reserve: Reserve,
  signal: AbortSignal,
): Promise<Extent[]> {
  await using memory = await peek.memory();
  await using to = await open(target, "wx", 0o600);
  await to.truncate(bytes);
  const read = async (into: Buffer, length: number, offset: number): Promise<number> => {
    const { bytesRead } = await memory.read(into, 0, length, address + offset);
    await reserve.give(bytesRead); // it is written next, or the one after that
    return bytesRead;
  };
  return await copyFilled(read, extents, to, signal);
}
