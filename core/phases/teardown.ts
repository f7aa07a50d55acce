import type { Guest } from "../machine/guest.ts";
import type { Session } from "../session.ts";

/** A session that is suspended comes here before its scope closes. */
const tornDown = new WeakSet<Guest>();

/** The machine is about to go: every plugin takes out what must outlive it. Runs as a step of the session's scope. */
export async function teardown(session: Session, guest: Guest): Promise<void> {
  if (tornDown.has(guest)) return;
  tornDown.add(guest);
  await session.hooks.teardown.promise(guest);
  if (session.teardownErrors.length > 0) {
    throw new AggregateError(session.teardownErrors, "plugins failed in teardown");
  }
}
