import { constants } from "node:os";
import type { CommandEnd } from "../machine/guest.ts";
import { SIGNAL_STATUS } from "../support/interrupted.ts";

/** Our exit status when the connection is lost before the command's own is known. */
export const LOST_STATUS = 255;

/** The status that a shell would show for this end. sshd names no signal outside of SSH's list; then it is 128 alone. */
export function exitStatus(end: CommandEnd): number {
  switch (end.kind) {
    case "exit":
      return end.status & 0xff;
    case "signal":
      return SIGNAL_STATUS + signalNumber(end.signal);
    case "lost":
      return LOST_STATUS;
  }
}

function signalNumber(name: string): number {
  const numbers: Readonly<Record<string, number | undefined>> = constants.signals;
  return numbers[`SIG${name}`] ?? 0;
}
