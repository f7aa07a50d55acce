import { attach } from "./phases/attach.ts";
import { boot } from "./phases/boot.ts";
import { build } from "./phases/build.ts";
import { provision } from "./phases/provision.ts";
import { suspend } from "./phases/suspend.ts";
import type { Session } from "./session.ts";
import { timed } from "./support/timings.ts";

/**
 * The life of a session. Each phase takes what the one before answered, so they cannot be called out of order; whatever ends the
 * life, the session's scope, which whoever opened it closes, undoes all that was done, newest first.
 */
export async function live(session: Session): Promise<number> {
  const image = await timed("build", () => build(session));
  const machine = await timed("boot", () => boot(session, image));
  const guest = await timed("provision", () => provision(session, machine));
  const status = await timed("attach", () => attach(session, guest));
  await timed("suspend", () => suspend(session, machine, guest));
  return status;
}
