import type { ProvisionPlan } from "./provision/plan.ts";

/** What the configuration wants of a session without a plugin, besides packages. */
export interface Wishes {
  /** Checked entries of `image.tools`. */
  readonly tools: readonly string[];
  /** Whether the agent's user may become root in the guest. */
  readonly sudo: boolean;
  readonly provision: ProvisionPlan;
}

/** Nothing of it. */
export const NO_WISHES: Wishes = { tools: [], sudo: false, provision: { steps: [], directory: "/", isProjects: false } };
