import { readFileSync, readlinkSync } from "node:fs";

/** One process for certain: its number may be another's later, but not together with its start time. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the host's boot and the process's start. */
  readonly startTicks: number;
  /** The host's boot, from /proc/sys/kernel/random/boot_id. */
  readonly bootId: string;
  /** The process namespace in which `pid` means something, such as "pid:[4026531836]". */
  readonly namespace: string;
}

/** What the kernel says of a running process in /proc/PID/stat (proc(5), fields 5, 6 and 22). */
export interface ProcessFacts {
  /** It has ended and only waits for its parent to notice. */
  readonly ended: boolean;
  readonly group: number;
  readonly session: number;
  readonly startTicks: number;
}

/** Whether a process lives, has ended, or cannot be seen from here because it is numbered in another namespace. */
export type Life = "alive" | "ended" | "unknown";

/** Who a running process is, or undefined when it does not run (any more). */
export function identify(pid: number): ProcessIdentity | undefined {
  const facts = factsOf(pid);
  return facts && { pid, startTicks: facts.startTicks, ...here() };
}

/** What became of a process that was identified earlier, by whomever. */
export function lifeOf(process: ProcessIdentity): Life {
  const { bootId, namespace } = here();
  if (process.bootId !== bootId) return "ended";
  if (process.namespace !== namespace) return "unknown";
  return factsOf(process.pid)?.startTicks === process.startTicks ? "alive" : "ended";
}

/** What /proc says of a process; undefined when there is none, or when it has ended and only waits for its parent to notice. */
export function factsOf(pid: number): ProcessFacts | undefined {
  const facts = lastFactsOf(pid);
  return facts?.ended ? undefined : facts;
}

/** What /proc says of a process as long as its number is in use: of one, too, that only waits for its parent to notice its end. */
export function lastFactsOf(pid: number): ProcessFacts | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  // The second field is the program's own choice of name, in brackets, and may hold brackets and spaces.
  const [state = "", _parent, group, session, ...more] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { ended: state === "Z" || state === "X", group: Number(group), session: Number(session), startTicks: Number(more[15]) };
}

/** The identity as one line, for the target of a link. */
export function formatIdentity({ pid, startTicks, bootId, namespace }: ProcessIdentity): string {
  return `${pid} ${startTicks} ${bootId} ${namespace}`;
}

/** What `formatIdentity` wrote, or undefined for anything else. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const [pid = "", startTicks = "", bootId = "", namespace = "", ...rest] = text.split(" ");
  const identity = { pid: Number(pid), startTicks: Number(startTicks), bootId, namespace };
  return rest.length === 0 && isIdentity(identity) ? identity : undefined;
}

/** Whether a value that was read from a file is an identity. */
export function isIdentity(value: unknown): value is ProcessIdentity {
  if (typeof value !== "object" || value === null) return false;
  const { pid, startTicks, bootId, namespace } = value as Record<string, unknown>;
  return isCount(pid) && pid > 0 && isCount(startTicks) && isWord(bootId) && isWord(namespace);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isWord(value: unknown): value is string {
  return typeof value === "string" && /^\S{1,100}$/.test(value);
}

let cached: { readonly bootId: string; readonly namespace: string } | undefined;

function here(): { readonly bootId: string; readonly namespace: string } {
  return (cached ??= {
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim(),
    namespace: readlinkSync("/proc/self/ns/pid"),
  });
}
