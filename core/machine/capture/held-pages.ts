import type { Peek } from "../containment.ts";
import type { Extent } from "../template/sparse.ts";

const PAGE_BYTES = 4096;
const ENTRY_BYTES = 8;
// In the last byte of an entry, the kernel being little-endian on all that we run on: present, or in swap.
const HELD = 0b1100_0000;
const SMALLEST_BYTES = 64 * 1024;

/**
 * Which stretches of a program's memory hold something, as offsets from `address`, rounded out to 64 KiB. The rest it never touched: there
 * are zeros, or what the file holds that is mapped there.
 */
export async function heldPages(peek: Peek, address: number, bytes: number): Promise<Extent[]> {
  await using pagemap = await peek.pagemap();
  const count = bytes / PAGE_BYTES;
  const entries = Buffer.alloc(count * ENTRY_BYTES);
  for (let read = 0; read < entries.length; ) {
    const { bytesRead } = await pagemap.read(entries, read, entries.length - read, (address / PAGE_BYTES) * ENTRY_BYTES + read);
    if (bytesRead === 0) throw new Error("the kernel does not say what the machine's memory holds");
    read += bytesRead;
  }
  return extentsOf(entries);
}

/** The stretches of which a `pagemap` says that they hold something. */
export function extentsOf(entries: Buffer): Extent[] {
  const pages = entries.length / ENTRY_BYTES;
  const step = SMALLEST_BYTES / PAGE_BYTES;
  const found: [number, number][] = [];
  for (let page = 0; page < pages; page += step) {
    const end = Math.min(page + step, pages);
    if (!isHeld(entries, page, end)) continue;
    const last = found.at(-1);
    if (last && last[0] + last[1] === page * PAGE_BYTES) last[1] += (end - page) * PAGE_BYTES;
    else found.push([page * PAGE_BYTES, (end - page) * PAGE_BYTES]);
  }
  return found;
}

/** Stretches that are in either of two lists, each in order and none overlapping. */
export function union(some: readonly Extent[], others: readonly Extent[]): Extent[] {
  const joined: [number, number][] = [];
  for (const [offset, bytes] of [...some, ...others].sort(([a], [b]) => a - b)) {
    const last = joined.at(-1);
    if (last && offset <= last[0] + last[1]) last[1] = Math.max(last[1], offset + bytes - last[0]);
    else joined.push([offset, bytes]);
  }
  return joined;
}

function isHeld(entries: Buffer, from: number, to: number): boolean {
  for (let page = from; page < to; page += 1) {
    if (((entries[page * ENTRY_BYTES + ENTRY_BYTES - 1] ?? 0) & HELD) !== 0) return true;
  }
  return false;
}
