import type { Image } from "../image/image.ts";
import { MachineCollector } from "../machine/collector.ts";
import type { Machine } from "../machine/machine.ts";
import type { Session } from "../session.ts";

/** An image, and the devices that the plugins want → a running machine. */
export async function boot(session: Session, image: Image): Promise<Machine> {
  const draft = new MachineCollector();
  await session.hooks.boot.promise(draft);
  return await session.host.startMachine(image, draft.finish(), session);
}
