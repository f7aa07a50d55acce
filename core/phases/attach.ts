import { LaunchCollector } from "../attach/draft.ts";
import { environmentOf } from "../image/tools/debian.ts";
import { toolOf } from "../image/tools/names.ts";
import type { EnteredGuest, Session } from "../session.ts";
import { timed } from "../support/timings.ts";

/** A guest → the exit status of the user's command. All that needs no SSH is done while that begins. */
export async function attach(session: Session, guest: EnteredGuest): Promise<number> {
  const draft = new LaunchCollector(session.request, session.session.project, environmentOf(session.wishes.tools.map((tool) => toolOf(tool).name)));
  await session.hooks.attach.promise(draft);
  const launch = draft.finish();
  await timed("the control socket", () => session.host.openControl(guest, launch, session.questions, session));
  await guest.reached?.();
  return await session.host.attach(guest, launch, session);
}
