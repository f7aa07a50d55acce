import type { Guest, GuestChannel, GuestCommand } from "../machine/guest.ts";
import { withDeadline } from "../support/deadline.ts";
import { attachChannel, type AttachOptions } from "./attach-channel.ts";
import { fail } from "./failures.ts";
import { launchCommand } from "./launch-command.ts";
import type { Launch } from "./launch.ts";
import type { TerminalPort } from "./terminal.ts";

const OPEN_DEADLINE_MS = 60_000;

/** Starts what the user asked for in the guest, couples it with the terminal, and answers the exit status to show. */
export async function attachLaunch(
  guest: Guest,
  launch: Pick<Launch, "argv" | "env">,
  project: string,
  terminal: TerminalPort,
  options: AttachOptions,
): Promise<number> {
  const channel = await openLaunch(guest, launchCommand(launch, project, terminal, options.tty), options.signal);
  return await attachChannel(channel, terminal, options);
}

/** Starts a command for a terminal; throws ATTACH_OPEN_LATE when the guest does not, and the reason of an abort. */
export async function openLaunch(guest: Guest, command: GuestCommand, signal: AbortSignal): Promise<GuestChannel> {
  const opening = guest.open(command);
  try {
    return await withDeadline(opening, OPEN_DEADLINE_MS, () => fail("ATTACH_OPEN_LATE", { deadlineMs: OPEN_DEADLINE_MS }), signal);
  } catch (error) {
    opening.then((channel) => channel.close(), () => {});
    throw error;
  }
}
