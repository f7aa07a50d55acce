import { escapeLine } from "../support/escape.ts";
import { endAfterBreak } from "./end-after-break.ts";
import type { Machine, MachineEnd } from "./machine.ts";
import type { SshConnection } from "./ssh.ts";

const CONSOLE_LINES = 10;

/** What happened to a guest whose connection is gone, for people: escaped, with the end of its console where that helps. */
export async function describeLoss(machine: Machine, connection: SshConnection): Promise<string> {
  if (!connection.isClosed()) return "the command was given up.";
  return await lossOf(machine, await connection.closed);
}

/** The same of a guest that cannot be reached for the given reason. */
export async function lossOf(machine: Machine, reason: string): Promise<string> {
  const end = await endAfterBreak(machine);
  const killed = machine.outOfMemory();
  const memory = killed.length === 0 ? "" : ` The guest ran out of memory and ended: ${killed.join(", ")}.`;
  const tail = end?.reason === "powered-off" || end?.reason === "stopped" ? "" : machine.consoleTail(CONSOLE_LINES);
  return `${say(end, reason)}.${memory}${tail === "" ? "" : `\nThe end of its console:\n${tail}`}`;
}

function say(end: MachineEnd | undefined, reason: string): string {
  switch (end?.reason) {
    case "powered-off":
      return "the guest powered off";
    case "stopped":
      return "the machine was stopped";
    case "failed":
      return `the machine failed (${end.detail})`;
    case undefined:
      return `the machine runs, but ${escapeLine(reason)}`;
  }
}
