import { definePlugin, type SessionFacts } from "../../core/index.ts";
import { findPlaces } from "./frozen/find.ts";
import { beginFreezing, type Freezing } from "./frozen/freeze.ts";
import { mountShare, type MountedShare } from "./mount.ts";
import { OPTIONS } from "./options.ts";
import { beginReporting } from "./report/reporting.ts";
import { bytesOf } from "./tree/bytes.ts";

const TAG = "project";

/** What one session has of the share. */
interface Lent {
  readonly freezing: Freezing | undefined;
  mounted?: MountedShare;
}

const lent = new WeakMap<SessionFacts, Lent>();

/** Lends the project to the guest over virtio-9p: live, at the same path, the agent's inside and the user's outside. */
export default definePlugin({
  name: "share-9p",
  description: "The project directory in the guest, live, at the same path as on the host, with what the host runs by itself frozen.",
  section: "share",
  options: OPTIONS,
  onByDefault: true,

  async boot(machine, reach) {
    const { session, options, signal, defer } = reach;
    machine.addShare({ tag: TAG, source: session.project, readOnly: false });
    const found = findPlaces(bytesOf(session.project), signal);
    found.catch(() => {}); // seen by those who wait for it
    const freezing = options.freeze ? beginFreezing(TAG, found, reach) : undefined;
    lent.set(session, { freezing });
    await defer("report what the session left", beginReporting(found, freezing?.replaced ?? [], reach));
    await defer("take placeholders away", () => freezing?.tidy());
  },

  async provision(guest, { session, signal, log }) {
    const own = lent.get(session);
    await own?.freezing?.start(guest.machine);
    const mounted = await mountShare(guest, { tag: TAG, target: session.project }, signal);
    if (own) own.mounted = mounted;
    log("mounted at %s", session.project);
  },

  async teardown(_guest, { session, log }) {
    const own = lent.get(session);
    own?.freezing?.end();
    const left = await own?.mounted?.end();
    if (left !== undefined) log("%s", left);
  },
});
