import type { GuestChannel, GuestCommand } from "../machine/guest.ts";
import { controlPath } from "./control-path.ts";
import { fail } from "./failures.ts";
import type { SessionRecord } from "./record.ts";
import { openRemote } from "./remote-command.ts";
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
  return await openRemote({ path, name }, request, signal).catch((error: NodeJS.ErrnoException) => {
    const isGone = error.code === "ENOENT" || error.code === "ECONNREFUSED";
    throw isGone ? fail("SESSION_NOT_READY", { name, state: "ending" }, { cause: error }) : error;
  });
}
