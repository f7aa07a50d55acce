import type { Invocation } from "./command.ts";

/** Whether the user sits at a terminal, so that a program may have it. */
export function isAtTerminal({ io }: Pick<Invocation, "io">): boolean {
  return io.stdin.isTTY === true && io.stdout.isTTY === true;
}
