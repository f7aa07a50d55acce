// Makes trouble where it is told to: `trouble.throws` and `trouble.hangs` name a phase.
import { definePlugin } from "cloche";
import { z } from "zod";

const phase = z.enum(["none", "build", "boot", "provision", "attach", "teardown"]).default("none");

function trouble(here) {
  return async (_context, { options, progress }) => {
    progress.say(`trouble sees ${here}`);
    if (options.throws === here) throw new Error(`thrown in ${here}`);
    if (options.hangs === here) await new Promise(() => setInterval(() => {}, 1000));
  };
}

export default definePlugin({
  name: "trouble",
  description: "Trouble for the tests.",
  options: z.strictObject({ throws: phase, hangs: phase }),
  onByDefault: true,
  // so that whatever the others hold is held when it strikes
  after: ["share-9p", "egress", "credentials", "claude"],
  build: trouble("build"),
  boot: trouble("boot"),
  provision: trouble("provision"),
  attach: trouble("attach"),
  teardown: trouble("teardown"),
});
