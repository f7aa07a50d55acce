import { directories } from "../config/directories.ts";
import { findSession, listSessions } from "../sessions/list.ts";
import { askRunning } from "../sessions/ask.ts";
import { fail } from "../sessions/failures.ts";
import type { SessionRecord } from "../sessions/record.ts";
import type { Invocation } from "./command.ts";
import { projectOf } from "./project-of.ts";

/** The session that `--session` names; without it the only one of the current project. Throws SESSION_UNKNOWN, _NONE_HERE, _AMBIGUOUS. */
export async function sessionOf(invocation: Invocation): Promise<SessionRecord> {
  const { runtime } = directories(invocation.env);
  const name = invocation.flags.value("session");
  if (name !== undefined) return await findSession(runtime, name);
  const project = await projectOf(invocation);
  const [session, ...others] = (await listSessions(runtime)).filter((record) => record.project === project);
  if (session === undefined) throw fail("SESSION_NONE_HERE", { project });
  if (others.length > 0) throw fail("SESSION_AMBIGUOUS", { project, names: [session, ...others].map((record) => record.name) });
  return session;
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
