import { readFileSync } from "node:fs";
import { fail } from "./failures.ts";
import type { Accelerator } from "./qemu-arguments.ts";

// What QEMU has mapped besides the guest's memory, generously, since all of it counts: code, heaps, video and stacks; and under
// software emulation the room for translated code, of a GiB, and more for each processor.
const OVERHEAD_MIB = 768;
const TRANSLATED_MIB = 1024;
const PROCESSOR_MIB = 128;
const MIB = 1024 * 1024;

/** The machine whose memory is to be locked. */
export interface LockedMachine {
  readonly memoryMiB: number;
  readonly cpus: number;
  readonly accelerator: Accelerator;
}

/** How much QEMU must be allowed to lock for a machine like this, in MiB. */
export function lockedMiB({ memoryMiB, cpus, accelerator }: LockedMachine): number {
  return memoryMiB + OVERHEAD_MIB + PROCESSOR_MIB * cpus + (accelerator === "tcg" ? TRANSLATED_MIB : 0);
}

/** Throws MEMORY_NOT_LOCKABLE when the host does not let us keep a machine like this out of its swap. */
export function checkLockable(machine: LockedMachine, limits: string = readFileSync("/proc/self/limits", "utf8")): void {
  const [, hard = "0"] = /^Max locked memory\s+\S+\s+(\S+)/m.exec(limits) ?? [];
  const neededMiB = lockedMiB(machine);
  if (hard !== "unlimited" && Number(hard) < neededMiB * MIB) throw fail("MEMORY_NOT_LOCKABLE", { limitBytes: Number(hard), neededMiB });
}
