import { realpath } from "node:fs/promises";
import { sep } from "node:path";
import { attachChannel } from "../attach/attach-channel.ts";
import { launchCommand } from "../attach/launch-command.ts";
import { processTerminal } from "../attach/terminal.ts";
import { fail } from "../cli/failures.ts";
import { directories } from "../config/directories.ts";
import { enterSession } from "../sessions/enter.ts";
import type { Flags, Invocation } from "./command.ts";
import { whichSession } from "./which-session.ts";

/** What may stand beside `--session`; the rest of the options is for sessions that begin. */
const BESIDE: readonly string[] = ["session", "join", "tty", "directory", "quiet", "timings"];

/** Runs a command line (or a login shell, when it is empty) in a running session → its exit status. Never starts a machine. */
export async function execInSession(invocation: Invocation, name: string | undefined, argv: readonly string[], tty: boolean): Promise<number> {
  const { flags, env, signal, io } = invocation;
  refuseOthers(flags);
  const { runtime } = directories(env);
  const session = await whichSession(invocation, name);
  const terminal = processTerminal();
  const command = launchCommand({ argv, env: {} }, await directoryIn(session.project, invocation.directory), terminal, tty);
  const channel = await enterSession(runtime, session, command, signal);
  const over = new AbortController();
  const desk = tty ? (await import("./remote-desk.ts")).remoteDesk(invocation, { runtime, session, isAgent: false, signal: AbortSignal.any([signal, over.signal]) }) : undefined;
  io.progress.hide();
  try {
    return await attachChannel(channel, terminal, { signal, tty, desk, say: (line) => io.warn(line) });
  } finally {
    over.abort();
    io.progress.show();
  }
}

function refuseOthers(flags: Flags): void {
  const first = flags.has("join") ? "--join" : "--session";
  const other = flags.all.find(({ name }) => !BESIDE.includes(name)) ?? (flags.has("join") && flags.has("session") ? { name: "session" } : undefined);
  if (other) throw fail("USAGE_CONFLICT", { first, second: `--${other.name}` });
}

/** The directory that the user stands in, when the session has it too. */
async function directoryIn(project: string, directory: string): Promise<string> {
  const here = await realpath(directory).catch(() => project);
  return here.startsWith(project + sep) ? here : project;
}
