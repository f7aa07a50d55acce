import type { GuestChannel, GuestCommand } from "../machine/guest.ts";
import { controlPath } from "./control-path.ts";
import { fail } from "./failures.ts";
import type { SessionRecord } from "./record.ts";
import type { VisitRequest } from "./messages.ts";
import { openRemote, visitRemote, type VisitedCommand } from "./remote-command.ts";
import { runDirectory } from "./sessions-directory.ts";

/** Starts a command in a session that runs; throws SESSION_NOT_READY while it begins or ends, and what `openRemote` throws. */
export async function enterSession(
  runtimeDirectory: string,
  { name, state }: SessionRecord,
  { argv, cwd, env, tty }: Omit<GuestCommand, "user">,
  signal: AbortSignal,
): Promise<GuestChannel> {
  if (state !== "running") throw fail("SESSION_NOT_READY", { name, state });
  const path = controlPath(runDirectory(runtimeDirectory, name));
  const request = { argv, ...(cwd !== undefined && { cwd }), ...(env && { env }), ...(tty && { tty }) };
  return await openRemote({ path, name }, request, signal).catch(ended(name));
}

/** Couples with the command of a detached session; throws as `enterSession` does, and CONTROL_REFUSED when another terminal is there. */
export async function visitSession(
  runtimeDirectory: string,
  { name, state, detached }: SessionRecord,
  request: VisitRequest,
  signal: AbortSignal,
): Promise<VisitedCommand> {
  if (detached !== true) throw fail("SESSION_NOT_HELD", { name });
  if (state !== "running") throw fail("SESSION_NOT_READY", { name, state });
  const path = controlPath(runDirectory(runtimeDirectory, name));
  return await visitRemote({ path, name }, request, signal).catch(ended(name));
}

function ended(name: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    const isGone = error.code === "ENOENT" || error.code === "ECONNREFUSED";
    throw isGone ? fail("SESSION_NOT_READY", { name, state: "ending" }, { cause: error }) : error;
  };
}
