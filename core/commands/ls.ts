import { tableText } from "../cli/output.ts";
import { directories } from "../config/directories.ts";
import { listSessions } from "../sessions/list.ts";
import type { SessionRecord } from "../sessions/record.ts";
import { sessionsDirectory } from "../sessions/sessions-directory.ts";
import { sweep } from "../sessions/sweep.ts";
import type { Invocation } from "./command.ts";

/** `cloche ls`: the running sessions; sweeps what crashes left of others. */
export default async function list({ io, flags, env }: Invocation): Promise<number> {
  const { runtime } = directories(env);
  const sessions = await listSessions(runtime);
  if (flags.has("json")) io.printJson(sessions.map(forPrograms));
  else if (sessions.length === 0) io.print("No session is running.");
  else io.print(tableText([["NAME", "STATE", "SINCE", "PID", "PROJECT"], ...sessions.map(forPeople)]));
  await sweep(sessionsDirectory(runtime));
  return 0;
}

function forPrograms({ name, project, state, created, owner, detached = false }: SessionRecord): unknown {
  return { name, project, pid: owner.pid, since: created, state, detached };
}

function forPeople({ name, project, state, created, owner, detached }: SessionRecord): readonly string[] {
  return [name, detached ? `${state}, detached` : state, ago(created), String(owner.pid), project];
}

/** How long ago a moment was, in its largest unit. */
function ago(moment: string): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(moment)) / 1000));
  for (const [unit, size] of [["d", 86_400], ["h", 3_600], ["min", 60]] as const) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit} ago`;
  }
  return `${seconds} s ago`;
}
