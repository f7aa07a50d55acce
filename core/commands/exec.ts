import type { Invocation } from "./command.ts";
import { startSession } from "./start-session.ts";

/** `cloche exec`: one command, in a fresh session or in a running one. */
export default async function exec(invocation: Invocation): Promise<number> {
  const { flags, rest } = invocation;
  const session = flags.value("session");
  if (session === undefined && !flags.has("join")) return await startSession(invocation, { kind: "exec", argv: rest }, flags.has("tty"));
  const { execInSession } = await import("./exec-in-session.ts");
  return await execInSession(invocation, session, rest, flags.has("tty"));
}
