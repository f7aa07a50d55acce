import { bakeSteps } from "../provision/bake.ts";
import type { Session } from "../session.ts";
import type { RecipeDraft } from "./recipe.ts";
import { addFromDebian } from "./tools/debian.ts";
import { addNode } from "./tools/node.ts";
import { toolOf } from "./tools/names.ts";

const SUDOERS = { path: "/etc/sudoers.d/cloche", content: "agent ALL=(ALL:ALL) NOPASSWD: ALL\n", mode: 0o440 };

/** Adds what the configuration wants in the image without a plugin. */
export async function addWishes(recipe: RecipeDraft, session: Session): Promise<void> {
  const { tools, sudo, provision } = session.wishes;
  if (sudo) {
    recipe.addPackages("sudo");
    recipe.addFile(SUDOERS);
  }
  for (const { name, version } of tools.map(toolOf)) {
    if (name === "node" && version !== undefined) await addNode(recipe, version, session.session, session);
    else addFromDebian(recipe, name, version);
  }
  await bakeSteps(recipe, provision);
}
