import type { SessionFacts } from "../plugin.ts";
import type { Progress } from "../support/progress.ts";
import type { Wanted } from "./find-package.ts";
import type { Npm } from "./npm.ts";
import type { NpmPackage } from "./package.ts";

/**
 * A version of a package of the npm registry that nobody pinned: its checksum is what the registry says the first time, which is told
 * to the user and kept. Throws NPM_… failures. What npm needs is loaded only when it is asked.
 */
export async function findNpmPackage(
  wanted: Wanted,
  session: SessionFacts,
  reach: { readonly signal: AbortSignal; readonly progress: Progress; readonly run?: Npm | undefined },
): Promise<NpmPackage> {
  return await (await import("./find-package.ts")).findPackage(wanted, session, reach);
}
