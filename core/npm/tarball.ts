import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { SessionFacts } from "../plugin.ts";
import { fail } from "./failures.ts";
import { watchDownload, type Update } from "./download-progress.ts";
import { integrityOf } from "./integrity.ts";
import { npm, type Npm } from "./npm.ts";
import { fileName, titleOf, type NpmPackage } from "./package.ts";
import { withWorkspace } from "./workspace.ts";

const DEADLINE_MS = 30 * 60_000;

/**
 * The release's tarball on the host, its checksum verified: the one that is there from an earlier time when it is whole, else fetched.
 * Throws NPM_… failures.
 */
export async function obtainTarball(
  release: NpmPackage,
  store: string,
  session: SessionFacts,
  { signal, update, run = (call) => npm(call, session) }: { readonly signal: AbortSignal; readonly update: Update; readonly run?: Npm },
): Promise<string> {
  const tarball = join(store, `${fileName(release)}.tgz`);
  if ((await integrityOf(tarball, signal)) === release.integrity) return tarball;
  await withWorkspace(store, async (directory) => {
    const fetched = await fetchTarball(release, directory, { signal, update, run });
    const found = await integrityOf(fetched, signal);
    if (found !== release.integrity) {
      throw fail("NPM_CHECKSUM_WRONG", { what: titleOf(release), expected: release.integrity, found: String(found) });
    }
    await rename(fetched, tarball);
  });
  await removeOthers(store, tarball);
  return tarball;
}

async function fetchTarball(
  release: NpmPackage,
  directory: string,
  { signal, update, run }: { readonly signal: AbortSignal; readonly update: Update; readonly run: Npm },
): Promise<string> {
  const what = titleOf(release);
  const args = ["pack", "--json", `--pack-destination=${directory}`, `${release.packageName}@${release.version}`];
  const stopWatching = watchDownload(directory, release, update);
  try {
    await run({ args, directory, what, deadlineMs: DEADLINE_MS, signal });
  } finally {
    stopWatching();
  }
  const name = (await readdir(directory)).find((entry) => entry.endsWith(".tgz"));
  if (name === undefined) throw fail("NPM_UNPACK_FAILED", { what, detail: "npm left no tarball" });
  return join(directory, name);
}

async function removeOthers(store: string, tarball: string): Promise<void> {
  for (const name of await readdir(store)) {
    const file = join(store, name);
    if (name.endsWith(".tgz") && file !== tarball) await rm(file, { force: true });
  }
}
