import type { LaunchRequest } from "../attach/launch.ts";
import type { Invocation } from "./command.ts";
import { timed } from "../support/timings.ts";
import { contextToStart } from "./context.ts";

/** A fresh session for the request → the exit status of what ran in it. */
export async function startSession(invocation: Invocation, request: LaunchRequest, tty: boolean): Promise<number> {
  const { io, signal, flags } = invocation;
  const { project, configuration } = await timed("read the configuration", () => contextToStart(invocation));
  const { runSession } = await timed("load the session", () => import("../run-session.ts"));
  const name = flags.value("name");
  return await runSession({ configuration, project, request, tty, io, signal, ...(name === undefined ? {} : { name }) });
}

/** Whether the user sits at a terminal, so that a program may have it. */
export function isAtTerminal({ io }: Invocation): boolean {
  return io.stdin.isTTY === true && io.stdout.isTTY === true;
}
