import { isAtTerminal } from "./at-terminal.ts";
import type { Invocation } from "./command.ts";

/**
 * Starts the same command line in a process that keeps the session, and answers when it is ready. That process looks whether anything
 * stands in the way; whoever calls this loads nothing before that the process loads too, so that it begins at once.
 */
export async function detach(invocation: Invocation): Promise<number> {
  const { io } = invocation;
  const { launchDetached } = await import("../supervisor/launch.ts");
  const name = await launchDetached(invocation, isAtTerminal(invocation));
  io.progress.hide();
  io.progress.show();
  if (isAtTerminal(invocation)) io.warn(`The session runs; come to it with "cloche attach ${name}", end it with "cloche stop ${name}".`);
  io.print(name);
  return 0;
}
