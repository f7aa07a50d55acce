import { fail } from "./failures.ts";
import { commandFor, install, planInstall } from "./install.ts";
import type { Look } from "./look.ts";
import { missingNeeds } from "./missing.ts";
import type { Need } from "./needs.ts";

/** How the preparation talks with the user. */
export interface Talk {
  say(line: string): void;
  /** Asks a question with yes as its default; undefined where nobody can answer. */
  ask: ((question: string) => Promise<boolean>) | undefined;
}

/**
 * Installs what the table names and the host lacks: after asking where somebody can answer, else at once and saying so.
 * Answers whether something is still missing because the user said no. Throws INSTALL_UNKNOWN, INSTALL_NOT_ROOT or INSTALL_FAILED.
 */
export async function prepareHost(look: Look, talk: Talk, needs?: readonly Need[]): Promise<"ready" | "declined"> {
  const missing = await missingNeeds(look, needs);
  if (missing.length === 0) return "ready";
  const plan = await planInstall(look, missing);
  if (!plan || plan.unknown.length > 0) {
    const unknown = plan ? plan.unknown : missing;
    throw fail("INSTALL_UNKNOWN", { missing: unknown.map((need) => need.programs?.join(", ") ?? need.file).join(", ") });
  }
  for (const need of missing) talk.say(`missing: ${need.programs?.join(", ") ?? need.file} (${need.purpose})`);
  if (talk.ask && plan.asRoot && !(await talk.ask(`Install ${plan.packages.join(", ")} now?`))) {
    talk.say(`Without them no machine starts. By hand: ${commandFor(plan)}`);
    return "declined";
  }
  if (plan.asRoot) talk.say(`installing ${plan.packages.join(", ")} with ${plan.manager.name}; this can take a few minutes`);
  await install(look, plan);
  const still = await missingNeeds(look, needs);
  if (still.length > 0) throw fail("INSTALL_UNKNOWN", { missing: still.map((need) => need.programs?.join(", ") ?? need.file).join(", ") });
  return "ready";
}
