import type { RecipeDraft } from "../image/recipe.ts";
import { fail } from "./failures.ts";
import type { ProvisionPlan } from "./plan.ts";
import { readCopy } from "./read-copy.ts";

/** Where the scripts of baked steps lie in the image. */
const FOLDER = "/usr/lib/cloche/provision";
const AGENT_HOME = "/home/agent";

/** Puts the steps that are done once into the recipe: they become part of the image and of its name. */
export async function bakeSteps(recipe: RecipeDraft, plan: ProvisionPlan): Promise<void> {
  for (const [index, step] of plan.steps.entries()) {
    if (!step.bake) continue;
    if ("run" in step) {
      const path = `${FOLDER}/${index}`;
      recipe.addFile({ path, content: `${step.run}\n` });
      recipe.addCommand(step.as === "root" ? `cd / && sh -eu ${path}` : `cd ${AGENT_HOME} && runuser -u agent -- env HOME=${AGENT_HOME} sh -eu ${path}`);
      continue;
    }
    // it would change what the making of an image runs, without being asked about again
    if (plan.isProjects) throw fail("PROVISION_COPY_REFUSED", { source: step.copy, reason: "a project's own file may not bake files into the image" });
    for (const { path, content, mode } of await readCopy(step, plan)) {
      recipe.addFile({ path, content: textOf(content, path), mode });
      if (path.startsWith(`${AGENT_HOME}/`)) recipe.addCommand(`chown -R agent:agent ${AGENT_HOME}/${quoted(path.slice(AGENT_HOME.length + 1).split("/", 1)[0] ?? "")}`);
    }
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

function textOf(content: Uint8Array, path: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (cause) {
    throw fail("PROVISION_COPY_REFUSED", { source: path, reason: "what is baked into an image has to be UTF-8 text" }, { cause });
  }
}
