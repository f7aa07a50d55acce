import type { Guest } from "../machine/guest.ts";
import type { Machine } from "../machine/machine.ts";
import type { Session } from "../session.ts";
import { teardown } from "./teardown.ts";

/** A session whose command has ended since somebody wants to go on with it later → its machine on the disk. */
export async function suspend(session: Session, machine: Machine, guest: Guest): Promise<void> {
  if (session.host.suspension?.isWanted !== true) return;
  // QEMU moves no machine that has a directory of the host mounted
  await teardown(session, guest);
  await session.host.suspension.save(machine, session);
}
