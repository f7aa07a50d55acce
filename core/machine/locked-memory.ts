import { readFileSync } from "node:fs";
import { fail } from "./failures.ts";

/** What QEMU needs besides the guest's memory, generously: its own code, heap, stacks and video of the firmware. */
const OVERHEAD_MIB = 768;
const MIB = 1024 * 1024;

/** Throws MEMORY_NOT_LOCKABLE when the host does not let us keep a machine of this size out of its swap. */
export function checkLockable(memoryMiB: number, limits: string = readFileSync("/proc/self/limits", "utf8")): void {
  const [, hard = "0"] = /^Max locked memory\s+\S+\s+(\S+)/m.exec(limits) ?? [];
  const neededMiB = memoryMiB + OVERHEAD_MIB;
  if (hard !== "unlimited" && Number(hard) < neededMiB * MIB) throw fail("MEMORY_NOT_LOCKABLE", { limitBytes: Number(hard), neededMiB });
}
