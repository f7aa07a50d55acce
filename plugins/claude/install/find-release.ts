import { join } from "node:path";
import { findNpmPackage, type NpmPackage, type Progress, type SessionFacts } from "../../../core/index.ts";
import { packageFor, pinnedRelease } from "./release.ts";

type Npm = NonNullable<Parameters<typeof findNpmPackage>[2]["run"]>;

/** Where this plugin keeps what it fetched. */
export function storeIn(cacheDir: string): string {
  return join(cacheDir, "claude");
}

/** The release to install. Its checksum is ours when we pin the version; otherwise it is what the registry said the first time. */
export async function findRelease(
  version: string,
  session: SessionFacts,
  reach: { readonly signal: AbortSignal; readonly progress: Progress; readonly run?: Npm },
): Promise<NpmPackage> {
  const packageName = packageFor(process.arch);
  return pinnedRelease(packageName, version) ?? (await findNpmPackage({ packageName, version, store: storeIn(session.cacheDir) }, session, reach));
}
