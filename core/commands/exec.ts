import type { Invocation } from "./command.ts";

/** `cloche exec`: one command, in a fresh session or in a running one. */
export default async function exec(invocation: Invocation): Promise<number> {
  const { flags, rest } = invocation;
  const session = flags.value("session");
  // each loads what only it needs: a command in a running session needs no configuration
  if (session === undefined && !flags.has("join")) {
    const { startSession } = await import("./start-session.ts");
    return await startSession(invocation, { kind: "exec", argv: rest }, flags.has("tty"));
  }
  const { execInSession } = await import("./exec-in-session.ts");
  return await execInSession(invocation, session, rest, flags.has("tty"));
}
