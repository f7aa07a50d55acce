import { readdirSync } from "node:fs";
import { linkOr, readOr } from "../../test/support/proc.ts";

const MEGABYTE = 1e6;

/** The proportional share of memory of a process and all below it, in MB: pages that several share are counted once among them. */
export function memoryOf(pid: number, { qemu }: { readonly qemu: boolean }): number {
  return familyOf(String(pid))
    .filter((member) => qemu || !linkOr(`/proc/${member}/exe`).includes("qemu-system"))
    .map((member) => Number(/^Pss:\s+(\d+) kB/m.exec(readOr(`/proc/${member}/smaps_rollup`))?.[1] ?? 0) * 1024)
    .reduce((total, bytes) => total + bytes, 0) / MEGABYTE;
}

function familyOf(pid: string): readonly string[] {
  const tasks = tasksOf(pid);
  const children = tasks.flatMap((task) => readOr(`/proc/${pid}/task/${task}/children`).split(" ").filter(Boolean));
  return [pid, ...children.flatMap(familyOf)];
}

function tasksOf(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it ended
  }
}
