import type { Image } from "../image/image.ts";
import { MachineCollector } from "../machine/collector.ts";
import type { MachinePlan } from "../machine/draft.ts";
import type { Machine } from "../machine/machine.ts";
import type { Session } from "../session.ts";

/** An image, and the devices that the plugins want → a running machine. */
export async function boot(session: Session, image: Image): Promise<Machine> {
  return await session.host.startMachine(image, await plan(session), session);
}

/** The same, but only to have its template made; answers the template's key. */
export async function freeze(session: Session, image: Image): Promise<string | undefined> {
  return await session.host.freezeTemplate(image, await plan(session), session);
}

async function plan(session: Session): Promise<MachinePlan> {
  const draft = new MachineCollector();
  await session.hooks.boot.promise(draft);
  return draft.finish();
}
