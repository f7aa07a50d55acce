import { entriesOf, readOr } from "./proc.ts";

/** The process id of the QEMU that runs below a cloche, jail and all; throws when there is none. */
export function qemuOf(pid: number): number {
  const [found] = qemusOf(pid);
  if (found === undefined) throw new Error(`no QEMU runs below ${pid}`);
  return found;
}

/** The process ids of all QEMUs below a cloche. */
export function qemusOf(pid: number): readonly number[] {
  const children = childrenOfAll();
  const below = (parent: string): readonly string[] => (children.get(parent) ?? []).flatMap((child) => [child, ...below(child)]);
  // bwrap has QEMU among its arguments; QEMU itself has it first
  return below(String(pid)).filter((child) => /^[^\0]*\/qemu-system-[^\0]*\0/.test(readOr(`/proc/${child}/cmdline`))).map(Number);
}

function childrenOfAll(): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>();
  for (const pid of entriesOf("/proc").filter((name) => /^\d+$/.test(name))) {
    const parent = /^PPid:\s+(\d+)/m.exec(readOr(`/proc/${pid}/status`))?.[1];
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  return children;
}
