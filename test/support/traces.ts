import { readdirSync } from "node:fs";
import { join } from "node:path";
import { processesOfTest } from "./processes.ts";
import { entriesOf, linkOr, orElse, readOr } from "./proc.ts";

/** What there is at one moment of the things that a session must not leave behind, each as a line for people. */
export type Traces = ReadonlySet<string>;

/**
 * Lists this user's processes, mounts, listening sockets and network namespaces, and every file below the folders. Compare what was
 * before a session with what is after it.
 */
export function traces(folders: readonly string[]): Traces {
  const pids = processesOfTest(folders);
  const others = pids.filter((pid) => pid !== String(process.pid));
  return new Set([...others.flatMap(nameOf), ...mounts(folders), ...listeners(pids), ...folders.flatMap(filesBelow)]);
}

/** What is there now and was not before. */
export function leftovers(before: Traces, after: Traces): readonly string[] {
  return [...after].filter((trace) => !before.has(trace)).sort();
}

/** Waits until nothing is left, since helpers end a moment after their parents; answers what still is at the deadline. */
export async function leftoversWithin(before: Traces, folders: readonly string[], deadlineMs = 3000): Promise<readonly string[]> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    const left = leftovers(before, traces(folders));
    if (left.length === 0 || Date.now() > until) return left;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function nameOf(pid: string): readonly string[] {
  const command = readOr(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  // kernel threads and what has just ended have no command line
  if (command === "") return [];
  return [`process ${pid}: ${command.slice(0, 200)}`, `network namespace ${linkOr(`/proc/${pid}/ns/net`)}`];
}

/** Those that know us by their source or their place; others may mount what they like meanwhile. */
function mounts(folders: readonly string[]): readonly string[] {
  return readOr("/proc/self/mountinfo")
    .split("\n")
    .filter((line) => ["cloche", ...folders].some((known) => line.includes(known)))
    .map((line) => `mount on ${line.split(" ")[4]}`);
}

/** Listening TCP ports, bound UDP ports and Unix sockets with a name that these processes hold. */
function listeners(pids: readonly string[]): readonly string[] {
  const held = new Set(pids.flatMap(socketsOf));
  const rows = (kind: string) => readOr(`/proc/net/${kind}`).split("\n").slice(1).map((line) => line.trim().split(/\s+/));
  const ports = ["tcp", "tcp6", "udp", "udp6"].flatMap((kind) =>
    rows(kind)
      .filter(([, , , state, , , , , , inode]) => held.has(inode ?? "") && (kind.startsWith("udp") || state === "0A"))
      .map(([, address]) => `${kind} port ${address}`),
  );
  const sockets = rows("unix").filter(([, , , , , , inode, name]) => name !== undefined && held.has(inode ?? ""));
  return [...ports, ...sockets.map(([, , , , , , , name]) => `socket ${name}`)];
}

/** The inodes of the sockets that a process holds. */
function socketsOf(pid: string): readonly string[] {
  const links = entriesOf(`/proc/${pid}/fd`).map((fd) => linkOr(`/proc/${pid}/fd/${fd}`));
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []);
}

/** What goes while it is listed is not there any more; Node's own recursion would throw. */
function filesBelow(folder: string): readonly string[] {
  const entries = orElse(() => readdirSync(folder, { withFileTypes: true }), []);
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    return [`file ${path}`, ...(entry.isDirectory() ? filesBelow(path) : [])];
  });
}
