import { setTimeout as sleep } from "node:timers/promises";
import { byteCount, tableText } from "../cli/output.ts";
import { directories } from "../config/directories.ts";
import { askRunning } from "../sessions/ask.ts";
import { listSessions } from "../sessions/list.ts";
import type { SessionRecord } from "../sessions/record.ts";
import { usageOf, type Usage } from "../sessions/usage.ts";
import type { Invocation } from "./command.ts";

const EVERY_MS = 2_000;
/** Between the two looks that a share of the processor needs, when only one picture is wanted. */
const ONCE_MS = 300;
const ASK_MS = 1_000;

/** One session as programs get it; null is what could not be found out. */
interface Row extends Usage {
  readonly name: string;
  readonly project: string;
  readonly state: string;
  /** Of one processor, in percent: two busy ones are 200. */
  readonly processorPercent: number;
  readonly network: { readonly sentBytes: number; readonly receivedBytes: number } | null;
}

/** `cloche top`: what each session uses of processor, memory, disk and network; drawn anew every two seconds on a terminal. */
export default async function top({ io, flags, env, signal }: Invocation): Promise<number> {
  const { runtime } = directories(env);
  const goesOn = io.stdout.isTTY === true && !flags.has("once") && !flags.has("json");
  let before = await look(runtime);
  for (;;) {
    await sleep(goesOn && before.at > 0 ? EVERY_MS : ONCE_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return 0;
    const now = await look(runtime);
    const rows = await Promise.all(now.sessions.map(async (session) => await rowOf(session, before, now, runtime, signal)));
    if (flags.has("json")) io.printJson(rows);
    else if (goesOn) io.repaint(picture(rows));
    else io.print(picture(rows));
    if (!goesOn) return 0;
    before = now;
  }
}

interface Look {
  readonly at: number;
  readonly sessions: readonly SessionRecord[];
  readonly usage: ReadonlyMap<number, Usage>;
}

async function look(runtime: string): Promise<Look> {
  const sessions = await listSessions(runtime);
  return { at: performance.now(), sessions, usage: usageOf(sessions.map(({ owner }) => owner.pid)) };
}

async function rowOf(session: SessionRecord, before: Look, now: Look, runtime: string, signal: AbortSignal): Promise<Row> {
  const { name, project, state, owner } = session;
  const usage = now.usage.get(owner.pid) ?? { processes: 0, processorMs: 0, memoryBytes: 0, writtenBytes: 0, readBytes: 0 };
  const spent = usage.processorMs - (before.usage.get(owner.pid)?.processorMs ?? usage.processorMs);
  const processorPercent = Math.max(0, Math.round((100 * spent) / (now.at - before.at)));
  return { name, project, state, processorPercent, ...usage, network: await networkOf(session, runtime, signal) };
}

/** What the gateway has passed on, as it says itself; null for a session without one. */
async function networkOf(session: SessionRecord, runtime: string, signal: AbortSignal): Promise<Row["network"]> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(ASK_MS)]);
  try {
    const status = await askRunning(runtime, session, { name: "egress.status", body: {} }, { signal: limited });
    const { totals } = status as { readonly totals: readonly { readonly sent: number; readonly received: number }[] };
    const sum = (of: "sent" | "received"): number => totals.reduce((sofar, total) => sofar + total[of], 0);
    return { sentBytes: sum("sent"), receivedBytes: sum("received") };
  } catch {
    return null;
  }
}

function picture(rows: readonly Row[]): string {
  if (rows.length === 0) return "No session is running.";
  const head = ["NAME", "STATE", "CPU", "MEMORY", "DISK READ", "WRITTEN", "SENT", "RECEIVED", "PROJECT"];
  return tableText([head, ...rows.map((row) => [
    row.name, row.state, `${row.processorPercent} %`, byteCount(row.memoryBytes), byteCount(row.readBytes), byteCount(row.writtenBytes),
    row.network ? byteCount(row.network.sentBytes) : "-", row.network ? byteCount(row.network.receivedBytes) : "-", row.project,
  ])]);
}
