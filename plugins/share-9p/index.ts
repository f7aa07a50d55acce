import { z } from "zod";
import { definePlugin, type Guest } from "../../core/index.ts";
import { mountShare, type MountedShare } from "./mount.ts";

const TAG = "project";

const mounts = new WeakMap<Guest, MountedShare>();

/** Lends the project to the guest over virtio-9p: live, at the same path, the agent's inside and the user's outside. */
export default definePlugin({
  name: "share-9p",
  description: "The project directory in the guest, live, at the same path as on the host.",
  section: "share",
  options: z.strictObject({}),
  onByDefault: true,

  boot(machine, { session }) {
    machine.addShare({ tag: TAG, source: session.project, readOnly: false });
  },

  async provision(guest, { session, signal, log }) {
    mounts.set(guest, await mountShare(guest, { tag: TAG, target: session.project }, signal));
    log("mounted at %s", session.project);
  },

  async teardown(guest, { log }) {
    const left = await mounts.get(guest)?.end();
    if (left !== undefined) log("%s", left);
  },
});
