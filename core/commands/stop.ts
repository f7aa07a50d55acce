import { directories } from "../config/directories.ts";
import { fail as usage } from "../cli/failures.ts";
import { listSessions } from "../sessions/list.ts";
import type { SessionRecord } from "../sessions/record.ts";
import { stopSession } from "../sessions/stop-session.ts";
import { messageOf } from "../support/errors.ts";
import type { Invocation } from "./command.ts";
import { whichSession } from "./which-session.ts";

/** `cloche stop`: ends a session, or all that run, with their whole teardown; also those that are still starting. A suspended one is removed. */
export default async function stop(invocation: Invocation): Promise<number> {
  const { flags, env, io, words, signal } = invocation;
  const { runtime } = directories(env);
  const [name] = words;
  if (flags.has("all") && name !== undefined) throw usage("USAGE_CONFLICT", { first: "--all", second: name });
  if (name !== undefined && (await discarded(invocation, name))) return 0;
  const sessions = flags.has("all") ? await listSessions(runtime) : [await whichSession(invocation, name)];
  const asJson = flags.has("json");
  const outcomes = await Promise.all(sessions.map(async (session) => await ended(session, runtime, signal)));
  if (asJson) io.printJson(outcomes);
  else if (outcomes.length === 0) io.print("No session is running.");
  for (const { name: called, error, forced } of asJson ? [] : outcomes) {
    if (error !== undefined) io.warn(`The session ${called} was not stopped: ${error}`);
    else io.print(forced ? `Stopped ${called}, by force: it did not end by itself.` : `Stopped ${called}.`);
  }
  return outcomes.some(({ error }) => error !== undefined) ? 1 : 0;
}

/** A suspended session is not running: ending it is removing it. */
async function discarded({ env, io, flags }: Invocation, name: string): Promise<boolean> {
  const { runtime, state } = directories(env);
  if ((await listSessions(runtime)).some((session) => session.name === name)) return false;
  const { discardSaved } = await import("../suspend/store.ts");
  if (!(await discardSaved(state, "suspended", name))) return false;
  if (flags.has("json")) io.printJson([{ name, stopped: true, discarded: true }]);
  else io.print(`Discarded the suspended session ${name}.`);
  return true;
}

async function ended(session: SessionRecord, runtime: string, signal: AbortSignal) {
  const { name } = session;
  try {
    return { name, stopped: true, ...(await stopSession(session, runtime, signal)), error: undefined };
  } catch (error) {
    signal.throwIfAborted();
    return { name, stopped: false, forced: false, error: messageOf(error) };
  }
}
