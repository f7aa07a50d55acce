import { fail } from "../cli/failures.ts";
import type { Invocation } from "./command.ts";
import { isAtTerminal, startSession } from "./start-session.ts";

/** `cloche shell`: a login shell in a fresh session. */
export default async function shell(invocation: Invocation): Promise<number> {
  const session = invocation.flags.value("session");
  if (session !== undefined) {
    throw fail("USAGE_NOT_YET", { what: "shell --session", instead: `Use "cloche exec -t --session ${session} -- bash -l".` });
  }
  return await startSession(invocation, { kind: "shell" }, isAtTerminal(invocation));
}
