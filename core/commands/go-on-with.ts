import { loadToStart } from "../load-ahead.ts";
import { timed } from "../support/timings.ts";
import type { Moved } from "../suspend/moved-host.ts";
import type { Invocation } from "./command.ts";
import { contextToStart } from "./context.ts";

/** A session that goes on from one on the disk → the exit status of its command, which starts anew. An invented name when none is given. */
export async function goOnWith(invocation: Invocation, moved: Moved, name: string | undefined): Promise<number> {
  const { io, signal, held, rest } = invocation;
  const { project, tty, request: former, overrides: said } = moved.saved;
  // what follows `--` is for the agent this time, such as -c
  const request = former.kind === "agent" && rest.length > 0 ? { ...former, args: rest } : former;
  const { configuration, overrides } = await timed("read the configuration", () => contextToStart({ ...invocation, directory: project }, said));
  const { runSession } = await timed("load the session", () => import("../run-session.ts"));
  const isTty = held ? tty : io.stdin.isTTY === true && io.stdout.isTTY === true && tty;
  const running = runSession({ configuration, overrides, project, request, tty: isTty, io, signal, held, moved, ...(name !== undefined && { name }) });
  void loadToStart();
  return await running;
}
