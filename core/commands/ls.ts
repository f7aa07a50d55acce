import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { byteCount, tableText } from "../cli/output.ts";
import { directories } from "../config/directories.ts";
import { listSessions } from "../sessions/list.ts";
import type { SessionRecord } from "../sessions/record.ts";
import { sessionsDirectory } from "../sessions/sessions-directory.ts";
import { sweep } from "../sessions/sweep.ts";
import type { SavedKind } from "../suspend/failures.ts";
import type { Saved } from "../suspend/store.ts";
import type { Invocation } from "./command.ts";

/** `cloche ls`: the running sessions, the suspended ones and the room that they and snapshots take; sweeps what crashes left of others. */
export default async function list({ io, flags, env }: Invocation): Promise<number> {
  const { runtime, state } = directories(env);
  const [sessions, suspended, snapshots] = await Promise.all([listSessions(runtime), savedIn(state, "suspended"), savedIn(state, "snapshots")]);
  if (flags.has("json")) io.printJson([...sessions.map(forPrograms), ...suspended.map(suspendedForPrograms)]);
  else if (sessions.length + suspended.length === 0) io.print("No session is running.");
  else io.print(tableText([["NAME", "STATE", "SINCE", "PID", "PROJECT"], ...sessions.map(forPeople), ...suspended.map(suspendedForPeople)]));
  if (snapshots.length > 0 && !flags.has("json")) io.print(snapshotLine(snapshots));
  await sweep(sessionsDirectory(runtime));
  return 0;
}

function forPrograms({ name, project, state, created, owner, detached = false }: SessionRecord): unknown {
  return { name, project, pid: owner.pid, since: created, state, detached };
}

function forPeople({ name, project, state, created, owner, detached }: SessionRecord): readonly string[] {
  return [name, detached ? `${state}, detached` : state, ago(created), String(owner.pid), project];
}

/** What it takes to read them is loaded only when there are any. */
async function savedIn(state: string, kind: SavedKind): Promise<readonly Saved[]> {
  const folder = await readdir(join(state, kind)).catch(() => []);
  return folder.length === 0 ? [] : await (await import("../suspend/store.ts")).listSaved(state, kind);
}

function snapshotLine(snapshots: readonly Saved[]): string {
  const room = byteCount(snapshots.reduce((sum, { machine }) => sum + machine.bytes, 0));
  return `${snapshots.length === 1 ? "One snapshot takes" : `${snapshots.length} snapshots take`} ${room}; "cloche snapshot list" shows ${snapshots.length === 1 ? "it" : "them"}.`;
}

function suspendedForPrograms({ name, project, saved, machine }: Saved): unknown {
  return { name, project, pid: null, since: saved, state: "suspended", detached: true, bytes: machine.bytes };
}

function suspendedForPeople({ name, project, saved, machine }: Saved): readonly string[] {
  return [name, `suspended, ${byteCount(machine.bytes)}`, ago(saved), "-", project];
}

/** How long ago a moment was, in its largest unit. */
function ago(moment: string): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(moment)) / 1000));
  for (const [unit, size] of [["d", 86_400], ["h", 3_600], ["min", 60]] as const) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  }
  return `${seconds} s ago`;
}
