import type { LaunchRequest } from "../attach/launch.ts";
import { isAtTerminal } from "./at-terminal.ts";
import type { Invocation } from "./command.ts";
import { loadToStart } from "../load-ahead.ts";
import { timed } from "../support/timings.ts";
import { contextToStart } from "./context.ts";

/** A fresh session for the request → the exit status of what ran in it, or 0 when it was detached. */
export async function startSession(invocation: Invocation, request: LaunchRequest, tty: boolean): Promise<number> {
  const { io, signal, flags, held } = invocation;
  if (flags.has("detach") && !held) return await detach(invocation);
  const { project, configuration, overrides } = await timed("read the configuration", () => contextToStart(invocation));
  const { runSession } = await timed("load the session", () => import("../run-session.ts"));
  const name = flags.value("name");
  const running = runSession({ configuration, overrides, project, request, tty, io, signal, held, ...(name === undefined ? {} : { name }) });
  void loadToStart();
  return await running;
}

/** Starts the same command line in a process that keeps the session, and answers when it is ready. */
export async function detach(invocation: Invocation): Promise<number> {
  const { io } = invocation;
  const { launchDetached } = await import("../supervisor/launch.ts");
  const name = await launchDetached(invocation, isAtTerminal(invocation));
  io.progress.hide();
  io.progress.show();
  if (isAtTerminal(invocation)) io.warn(`The session runs; come to it with "cloche attach ${name}", end it with "cloche stop ${name}".`);
  io.print(name);
  return 0;
}
