import { totalmem } from "node:os";

const MIB = 1024 * 1024;
const MOST_MIB = 8192;

/** Memory of a machine when nothing else is said, in MiB: half of what this process may use (its cgroup counted), at most 8 GiB. */
export function defaultMemoryMiB(hostBytes: number = usableMemory()): number {
  return Math.min(MOST_MIB, Math.floor(hostBytes / 2 / MIB));
}

function usableMemory(): number {
  const limit = process.constrainedMemory(); // 0, or a number beyond all memory, where there is no limit
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
