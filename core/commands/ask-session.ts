import { directories } from "../config/directories.ts";
import { askRunning } from "../sessions/ask.ts";
import type { SessionRecord } from "../sessions/record.ts";
import type { Invocation } from "./command.ts";
import { whichSession } from "./which-session.ts";

/** The session that `--session` names; without it the only one of the current project. Throws SESSION_UNKNOWN, _NONE_HERE, _AMBIGUOUS. */
export async function sessionOf(invocation: Invocation): Promise<SessionRecord> {
  return await whichSession(invocation, invocation.flags.value("session"));
}

/**
 * Asks the session that the command is for; what a plugin offered with `serve` answers. `hear` gets the values that come ahead of the
 * answer. Throws what `sessionOf` and `askRunning` throw.
 */
export async function askSession(invocation: Invocation, name: string, body: unknown = {}, hear?: (value: unknown) => void): Promise<unknown> {
  const session = await sessionOf(invocation);
  const { runtime } = directories(invocation.env);
  return await askRunning(runtime, session, { name, body }, { signal: invocation.signal, ...(hear && { hear }) });
}
