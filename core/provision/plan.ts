import type { ProvisionStep } from "../config/provision-section.ts";

/** The steps of a session, and where their sources are. */
export interface ProvisionPlan {
  readonly steps: readonly ProvisionStep[];
  /** What relative paths begin at: the user's configuration directory, or the project when its own file says so. */
  readonly directory: string;
  /** Whether the steps came with the project, so that nothing outside of it is copied. */
  readonly isProjects: boolean;
}
