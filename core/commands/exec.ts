import { fail } from "../cli/failures.ts";
import type { Invocation } from "./command.ts";
import { startSession } from "./start-session.ts";

/** `cloche exec`: one command in a fresh session. */
export default async function exec(invocation: Invocation): Promise<number> {
  const { flags, rest } = invocation;
  if (flags.has("session")) throw fail("USAGE_NOT_YET", { what: "exec --session", instead: "Leave --session out for a fresh session." });
  return await startSession(invocation, { kind: "exec", argv: rest }, flags.has("tty"));
}
