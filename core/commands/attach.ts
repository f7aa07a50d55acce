import { PassThrough } from "node:stream";
import { attachChannel } from "../attach/attach-channel.ts";
import { DETACH_KEYS, readKeys, watchKeys } from "../attach/detach-keys.ts";
import { processTerminal, sizeOf, type TerminalPort } from "../attach/terminal.ts";
import { directories } from "../config/directories.ts";
import type { GuestChannel } from "../machine/guest.ts";
import { visitSession } from "../sessions/enter.ts";
import { TAKEN } from "../sessions/held/visit.ts";
import type { SessionRecord } from "../sessions/record.ts";
import { sessionEnded } from "../sessions/session-ended.ts";
import { linesSince, logFile, sizeOfLog } from "../supervisor/session-log.ts";
import { isAtTerminal } from "./at-terminal.ts";
import type { Invocation } from "./command.ts";
import { remoteDesk } from "./remote-desk.ts";
import { whichSession } from "./which-session.ts";

/** How long to wait for the teardown of a session whose command has ended, in ms. */
const TEARDOWN_MS = 30_000;

/** `cloche attach`: couples this terminal with the command of a detached session, until the command ends or the terminal leaves it. */
export default async function attach(invocation: Invocation): Promise<number> {
  const { flags, env, signal, io, words } = invocation;
  const keys = readKeys(flags.value("detach-keys") ?? DETACH_KEYS);
  const session = await whichSession(invocation, words[0], ({ detached }) => detached === true);
  const { runtime, state } = directories(env);
  const terminal = processTerminal();
  const tty = isAtTerminal(invocation);
  const { channel, hasScreen, isAgent } = await visitSession(runtime, session, { take: flags.has("take"), ...(tty && { size: sizeOf(terminal) }) }, signal);
  const log = logFile(state, session.name);
  const said = sizeOfLog(log);
  const status = await couple(channel, terminal, { invocation, tty: tty && hasScreen, keys, session, isAgent });
  if (status !== undefined) {
    await sessionEnded(session, runtime, TEARDOWN_MS);
    for (const line of (await linesSince(log, said)).slice(0, -1)) io.warn(line);
    return status;
  }
  const end = await channel.ended;
  const wasTaken = end.kind === "lost" && end.detail === TAKEN;
  io.warn(wasTaken ? `Another terminal took the session ${session.name} over.` : `Detached; the session ${session.name} runs on. Come back with "cloche attach ${session.name}".`);
  return 0;
}

interface Coupling {
  readonly invocation: Invocation;
  readonly tty: boolean;
  readonly keys: readonly string[];
  readonly session: SessionRecord;
  readonly isAgent: boolean;
}

/** Answers the exit status of the command, or undefined when the terminal left it. */
async function couple(channel: GuestChannel, terminal: TerminalPort, { invocation, tty, keys, session, isAgent }: Coupling): Promise<number | undefined> {
  const { signal, io, env } = invocation;
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  void channel.ended.then((end) => { if (end.kind === "lost" && end.detail === TAKEN) leave(); });
  const watched = tty ? watchKeys(terminal.stdin, keys, leave) : undefined;
  const port = Object.create(terminal, { stdin: { value: watched?.input ?? new PassThrough() } }) as TerminalPort;
  const either = AbortSignal.any([signal, leaving.signal]);
  const desk = tty ? remoteDesk(invocation, { runtime: directories(env).runtime, session, isAgent, signal: either }) : undefined;
  io.progress.hide();
  try {
    return await attachChannel(channel, port, { signal: either, tty, graceMs: 0, desk, say: (line) => io.warn(line) });
  } catch (error) {
    if (leaving.signal.aborted && !signal.aborted) return undefined;
    throw error;
  } finally {
    watched?.stop();
    leave();
    io.progress.show();
  }
}
