import type { Guest } from "../machine/guest.ts";
import { HeldCommand } from "../sessions/held/held-command.ts";
import { withDeadline } from "../support/deadline.ts";
import { Interrupted } from "../support/interrupted.ts";
import { openLaunch } from "./attach-launch.ts";
import { exitStatus } from "./exit-status.ts";
import { launchCommand, type TerminalKind } from "./launch-command.ts";
import type { Launch } from "./launch.ts";

const GRACE_MS = 2_000;

/** Starts what the user asked for in the guest, for terminals that come and go. */
export async function holdLaunch(
  guest: Guest,
  launch: Pick<Launch, "argv" | "env">,
  project: string,
  terminal: TerminalKind,
  { name, tty, isAgent, signal }: { readonly name: string; readonly tty: boolean; readonly isAgent: boolean; readonly signal: AbortSignal },
): Promise<HeldCommand> {
  const command = launchCommand(launch, project, terminal, tty);
  return await HeldCommand.hold({ name, isAgent }, openLaunch(guest, command, signal), command.tty);
}

/** Waits for the end of a held command and answers its exit status; when the signal aborts, ends it and throws the reason. */
export async function outlive(held: HeldCommand, signal: AbortSignal): Promise<number> {
  const { promise: aborted, resolve: abort } = Promise.withResolvers<undefined>();
  const onAbort = (): void => abort(undefined);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  try {
    const end = await Promise.race([held.ended, aborted]);
    if (end) return exitStatus(end);
    held.signal(signal.reason instanceof Interrupted ? signal.reason.signal.slice("SIG".length) : "TERM");
    await withDeadline(held.ended, GRACE_MS, () => new Error("late")).catch(() => held.close());
    throw signal.reason;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
