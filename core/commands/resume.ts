import { realpath } from "node:fs/promises";
import { sep } from "node:path";
import { directories } from "../config/directories.ts";
import { fail } from "../suspend/failures.ts";
import { listSuspended, readSuspended, type Suspended } from "../suspend/store.ts";
import type { Invocation } from "./command.ts";
import { contextToStart } from "./context.ts";
import { detach } from "./start-session.ts";

/** `cloche resume`: goes on with a suspended session: its machine is as it was, and its command starts anew. */
export default async function resume(invocation: Invocation): Promise<number> {
  const { io, signal, flags, held, env, rest } = invocation;
  const { state } = directories(env);
  const resumed = await suspendedOf(invocation, state);
  if (flags.has("detach") && !held) return await detach(invocation);
  const { name, project, tty } = resumed;
  // what follows `--` is for the agent this time, such as -c
  const request = resumed.request.kind === "agent" && rest.length > 0 ? { ...resumed.request, args: rest } : resumed.request;
  const { configuration } = await contextToStart({ ...invocation, directory: project });
  const { runSession } = await import("../run-session.ts");
  const isTty = held ? tty : io.stdin.isTTY === true && io.stdout.isTTY === true && tty;
  return await runSession({ configuration, project, request, tty: isTty, io, signal, held, name, resumed });
}

async function suspendedOf({ words: [name], directory }: Invocation, state: string): Promise<Suspended> {
  if (name !== undefined) return await readSuspended(state, name);
  const here = await realpath(directory).catch(() => directory);
  const [one, ...others] = (await listSuspended(state)).filter(({ project }) => here === project || here.startsWith(project + sep));
  if (!one) throw fail("SUSPENDED_UNKNOWN", { name: "", known: (await listSuspended(state)).map((known) => known.name) });
  if (others.length > 0) throw fail("SUSPENDED_AMBIGUOUS", { names: [one, ...others].map((known) => known.name) });
  return one;
}
