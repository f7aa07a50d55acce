import { realpath } from "node:fs/promises";
import { sep } from "node:path";
import { directories } from "../config/directories.ts";
import { fail } from "../sessions/failures.ts";
import { findSession, listSessions } from "../sessions/list.ts";
import type { SessionRecord } from "../sessions/record.ts";
import type { Invocation } from "./command.ts";

/**
 * The session of this name; without one the only session of the project that the user stands in, at any depth. Throws SESSION_UNKNOWN,
 * SESSION_NONE_HERE or SESSION_AMBIGUOUS.
 */
export async function whichSession(
  { env, directory }: Invocation,
  name: string | undefined,
  isWanted: (session: SessionRecord) => boolean = () => true,
): Promise<SessionRecord> {
  const { runtime } = directories(env);
  if (name !== undefined) return await findSession(runtime, name);
  const here = await realpath(directory).catch(() => directory);
  const all = (await listSessions(runtime)).filter(({ project }) => here === project || here.startsWith(project + sep));
  const wanted = all.filter(isWanted);
  const [session, ...others] = wanted.length > 0 ? wanted : all;
  if (session === undefined) throw fail("SESSION_NONE_HERE", { project: here });
  if (others.length > 0) throw fail("SESSION_AMBIGUOUS", { project: here, names: [session, ...others].map((record) => record.name) });
  return session;
}
