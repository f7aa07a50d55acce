import { fail as usage } from "../cli/failures.ts";
import { directories } from "../config/directories.ts";
import { fail } from "../sessions/failures.ts";
import { listSessions } from "../sessions/list.ts";
import { isName } from "../sessions/names.ts";
import { logEntries } from "../supervisor/follow-log.ts";
import { logFile, sizeOfLog } from "../supervisor/session-log.ts";
import type { Invocation } from "./command.ts";
import { whichSession } from "./which-session.ts";

/** `cloche logs`: what a session said, of one that runs or that has ended. */
export default async function logs(invocation: Invocation): Promise<number> {
  const { env, flags, io, signal } = invocation;
  const { runtime, state } = directories(env);
  const name = await nameFor(invocation);
  const path = logFile(state, name);
  const isRunning = async () => (await listSessions(runtime)).some((session) => session.name === name);
  if (sizeOfLog(path) === 0 && !(await isRunning())) throw fail("SESSION_LOG_NONE", { name });
  const goesOn = flags.has("follow") ? isRunning : () => Promise.resolve(false);
  for await (const { at, text } of logEntries(path, goesOn, signal)) {
    io.print(flags.has("json") ? JSON.stringify({ at, text }) : `${at} ${text}`);
  }
  return 0;
}

async function nameFor(invocation: Invocation): Promise<string> {
  const { flags, words } = invocation;
  const named = flags.value("session");
  if (named !== undefined && words[0] !== undefined) throw usage("USAGE_CONFLICT", { first: "--session", second: "NAME" });
  const name = named ?? words[0];
  if (name === undefined) return (await whichSession(invocation, undefined)).name;
  if (!isName(name)) throw fail("SESSION_LOG_NONE", { name });
  return name;
}
