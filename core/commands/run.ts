import { isAtTerminal } from "./at-terminal.ts";
import type { Invocation } from "./command.ts";
import { startSession } from "./start-session.ts";

/** `cloche run`: the agent on the current project, with the arguments after `--` as they are. */
export default async function run(invocation: Invocation): Promise<number> {
  return await startSession(invocation, { kind: "agent", args: invocation.rest }, isAtTerminal(invocation));
}
