import { definePlugin, type Guest } from "../../core/index.ts";
import { mirrorRule } from "./daemon.ts";
import { awaitEngine, startEngine } from "./engine.ts";
import { options } from "./options.ts";
import { addEngine } from "./recipe.ts";

/** A Docker engine in the guest, whose pulls, builds and containers leave by the same gateway as everything else there. */
export default definePlugin({
  name: "docker",
  description: "A Docker engine in the guest, with compose and buildx.",
  options,
  after: ["egress", "credentials"],

  build(recipe, { options: { mirror }, borrow }) {
    addEngine(recipe);
    const rule = mirrorRule(mirror);
    if (rule !== undefined) borrow("egress")?.allow(rule, "docker.mirror");
  },

  tap(hooks, reach) {
    let machine: Guest | undefined;
    // begun here and awaited at the end, so that it comes up while the others prepare the guest
    hooks.provision.tapPromise("docker", async (guest) => {
      machine = guest;
      await startEngine(guest, reach.options);
    });
    hooks.attach.tapPromise("docker", async () => {
      const { options, progress, signal } = reach;
      if (machine === undefined) return;
      progress.step("Waiting for the Docker engine");
      try {
        await awaitEngine(machine, options, signal);
      } catch (error) {
        if (options.required) throw error;
        progress.say((error as Error).message);
      }
    });
  },
});
