import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SessionFacts } from "../plugin.ts";
import type { Progress } from "../support/progress.ts";
import { fail } from "./failures.ts";
import { INTEGRITY } from "./integrity.ts";
import type { Npm } from "./npm.ts";
import { fileName, titleOf, type NpmPackage } from "./package.ts";
import { withWorkspace } from "./workspace.ts";

const DEADLINE_MS = 45_000;

/** What is looked for, and where what is learnt is kept. */
export interface Wanted {
  readonly packageName: string;
  readonly version: string;
  /** A folder of the cache. */
  readonly store: string;
}

/**
 * A version that we do not pin: its checksum is what the registry says the first time, which is told to the user and kept, so that
 * the same version never means another program later.
 */
export async function findPackage(
  { packageName, version, store }: Wanted,
  session: SessionFacts,
  { signal, progress, run = lazily(session) }: { readonly signal: AbortSignal; readonly progress: Progress; readonly run?: Npm | undefined },
): Promise<NpmPackage> {
  const note = join(store, `${fileName({ packageName, version })}.integrity`);
  const known = await readFile(note, "utf8").catch(() => "");
  if (INTEGRITY.test(known)) return { packageName, version, integrity: known, bytes: undefined };
  const integrity = await askRegistry(packageName, version, store, { run, signal });
  await mkdir(store, { recursive: true, mode: 0o700 });
  await writeFile(`${note}.${process.pid}`, integrity);
  await rename(`${note}.${process.pid}`, note);
  progress.say(`${titleOf({ packageName, version })} is not a version that cloche pins; the npm registry says its checksum is ${integrity}.`);
  return { packageName, version, integrity, bytes: undefined };
}

// only a version that is not pinned needs npm, and every start would wait for it to load
function lazily(session: SessionFacts): Npm {
  return async (call) => (await import("./npm.ts")).npm(call, session);
}

async function askRegistry(
  packageName: string,
  version: string,
  store: string,
  { run, signal }: { readonly run: Npm; readonly signal: AbortSignal },
): Promise<string> {
  const what = titleOf({ packageName, version });
  const args = ["view", "--json", `${packageName}@${version}`, "dist.integrity"];
  const answer = await withWorkspace(store, (directory) => run({ args, directory, what, deadlineMs: DEADLINE_MS, signal }));
  const integrity = answer.trim().replace(/^"|"$/g, "");
  if (!INTEGRITY.test(integrity)) throw fail("NPM_CHECKSUM_UNKNOWN", { what });
  return integrity;
}
