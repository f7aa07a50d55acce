import { setTimeout as sleep } from "node:timers/promises";
import { escapeLine } from "../support/escape.ts";
import type { Machine, MachineEnd } from "./machine.ts";
import type { SshConnection } from "./ssh.ts";

// The connection breaks a moment before QEMU has ended.
const SETTLE_MS = 1500;
const CONSOLE_LINES = 10;

/** What happened to a guest whose connection is gone, for people: escaped, with the end of its console where that helps. */
export async function describeLoss(machine: Machine, connection: SshConnection): Promise<string> {
  if (!connection.isClosed()) return "the command was given up.";
  const reason = await connection.closed;
  const timer = new AbortController();
  const settled = sleep(SETTLE_MS, undefined, { signal: timer.signal }).catch(() => undefined);
  const end = await Promise.race([machine.ended, settled]);
  timer.abort();
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
