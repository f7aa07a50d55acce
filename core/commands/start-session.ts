import type { LaunchRequest } from "../attach/launch.ts";
import { timed } from "../support/timings.ts";
import type { Invocation } from "./command.ts";
import { detach } from "./detach.ts";
import { projectOf } from "./project-of.ts";

/** A fresh session for the request → the exit status of what ran in it, or 0 when it was detached. */
export async function startSession(invocation: Invocation, request: LaunchRequest, tty: boolean): Promise<number> {
  const { io, signal, flags, held } = invocation;
  if (flags.has("detach") && !held) return await detach(invocation);
  const project = await projectOf(invocation);
  const { machineAhead } = await import("./machine-ahead.ts");
  await using ahead = machineAhead(invocation, project);
  await timed("what is begun ahead", () => ahead.begin());
  const { contextToStart } = await timed("load the configuration", () => import("./context.ts"));
  const { configuration, overrides } = await timed("read the configuration", () => contextToStart(invocation, [], project));
  const [{ runSession }, { loadToStart }] = await timed("load the session", () => Promise.all([import("../run-session.ts"), import("../load-ahead.ts")]));
  const name = flags.value("name");
  const running = runSession({ configuration, overrides, project, request, tty, io, signal, held, ahead, ...(name === undefined ? {} : { name }) });
  void loadToStart();
  return await running;
}
