import { LaunchCollector } from "../attach/draft.ts";
import { environmentOf } from "../image/tools/debian.ts";
import { toolOf } from "../image/tools/names.ts";
import type { Guest } from "../machine/guest.ts";
import type { Session } from "../session.ts";
import { timed } from "../support/timings.ts";

/** A ready guest → the exit status of the user's command. */
export async function attach(session: Session, guest: Guest): Promise<number> {
  const draft = new LaunchCollector(session.request, session.session.project, environmentOf(session.wishes.tools.map((tool) => toolOf(tool).name)));
  await session.hooks.attach.promise(draft);
  const launch = draft.finish();
  await timed("the control socket", () => session.host.openControl(guest, launch, session.questions, session));
  return await session.host.attach(guest, launch, session);
}
