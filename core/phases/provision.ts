import type { Machine } from "../machine/machine.ts";
import { runSteps } from "../provision/run-steps.ts";
import type { EnteredGuest, Session } from "../session.ts";
import { teardown } from "./teardown.ts";

/** A running machine → a guest that is seeded and mounted, of which only SSH may still begin. */
export async function provision(session: Session, machine: Machine): Promise<EnteredGuest> {
  const [guest] = await Promise.all([session.host.enterGuest(machine, session), machine.networkReady]);
  await session.scope.defer("teardown taps", () => teardown(session, guest));
  session.progress.step("Preparing the guest");
  const { signal, progress, wishes } = session;
  // what the user's own steps did, a machine that goes on still has
  const isNew = session.host.isResumed !== true;
  if (isNew) await runSteps(guest, wishes.provision, { project: undefined, signal, progress });
  await session.hooks.provision.promise(guest);
  if (isNew) await runSteps(guest, wishes.provision, { project: session.session.project, signal, progress });
  return guest;
}
