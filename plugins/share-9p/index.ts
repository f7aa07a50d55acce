import { definePlugin, type SessionFacts } from "../../core/index.ts";
import { beginFreezing, type Freezing } from "./frozen/freeze.ts";
import { mountShare, type MountedShare } from "./mount.ts";
import { OPTIONS } from "./options.ts";

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
    const { session, options, defer } = reach;
    machine.addShare({ tag: TAG, source: session.project, readOnly: false });
    const freezing = options.freeze ? beginFreezing(TAG, reach) : undefined;
    lent.set(session, { freezing });
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
