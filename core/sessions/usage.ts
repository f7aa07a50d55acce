import { readdirSync, readFileSync } from "node:fs";

/** What a session's processes have used since they started, and what they hold now. */
export interface Usage {
  readonly processes: number;
  /** Processor time of all of them, in ms. */
  readonly processorMs: number;
  readonly memoryBytes: number;
  /** Bytes that went to and came from the host's disks. */
  readonly writtenBytes: number;
  readonly readBytes: number;
}

// proc(5): times are counted in hundredths of a second on every Linux of ours, memory in pages of 4 KiB on x86-64 and most of arm64
const TICK_MS = 10;
const PAGE_BYTES = 4096;

/** What each of these processes uses, with all that descend from it: the machine, the gateway, and the helpers. */
export function usageOf(pids: readonly number[]): ReadonlyMap<number, Usage> {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => look(name));
  const children = new Map<number, Looked[]>();
  for (const one of all) children.set(one.parent, [...(children.get(one.parent) ?? []), one]);
  const below = (one: Looked): readonly Looked[] => [one, ...(children.get(one.pid) ?? []).flatMap(below)];
  return new Map(pids.map((pid) => [pid, sum(all.filter((one) => one.pid === pid).flatMap(below))]));
}

/** A process and all that descend from it, without itself. */
export function processesBelow(pid: number): readonly number[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => look(name));
  const below = (parent: number): readonly number[] => all.filter((one) => one.parent === parent).flatMap((one) => [one.pid, ...below(one.pid)]);
  return below(pid);
}

interface Looked {
  readonly pid: number;
  readonly parent: number;
  readonly processorMs: number;
  readonly memoryBytes: number;
}

function look(name: string): readonly Looked[] {
  const stat = readOr(`/proc/${name}/stat`);
  // the name of the program is its own choice and may hold brackets
  const [, parent, ...more] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").map(Number);
  if (parent === undefined || more.length < 20) return [];
  const [user = 0, system = 0] = more.slice(9, 11);
  return [{ pid: Number(name), parent, processorMs: (user + system) * TICK_MS, memoryBytes: (more[19] ?? 0) * PAGE_BYTES }];
}

function sum(found: readonly Looked[]): Usage {
  const total = (of: (one: Looked) => number): number => found.reduce((sofar, one) => sofar + of(one), 0);
  const moved = new Map(found.map(({ pid }) => [pid, readOr(`/proc/${pid}/io`)]));
  const io = (key: string) => (one: Looked) => Number(new RegExp(`^${key}: (\\d+)$`, "m").exec(moved.get(one.pid) ?? "")?.[1] ?? 0);
  return {
    processes: found.length,
    processorMs: total((one) => one.processorMs),
    memoryBytes: total((one) => one.memoryBytes),
    writtenBytes: total(io("write_bytes")),
    readBytes: total(io("read_bytes")),
  };
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // it has ended, or is not ours to look at
  }
}
