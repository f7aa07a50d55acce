import { isAtTerminal } from "./at-terminal.ts";
import type { Invocation } from "./command.ts";

/** `cloche shell`: a login shell, in a fresh session or in a running one. */
export default async function shell(invocation: Invocation): Promise<number> {
  const session = invocation.flags.value("session");
  const tty = isAtTerminal(invocation) || invocation.held !== undefined; // a shell without a terminal would end at once
  if (session === undefined && !invocation.flags.has("join")) {
    const { startSession } = await import("./start-session.ts");
    return await startSession(invocation, { kind: "shell" }, tty);
  }
  const { execInSession } = await import("./exec-in-session.ts");
  return await execInSession(invocation, session, [], tty);
}
