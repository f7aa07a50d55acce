import { mkdir, rename, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Disposers } from "../support/disposers.ts";
import { claimFile } from "./claims.ts";
import { checkSocketPath } from "./control-path.ts";
import { fail } from "./failures.ts";
import { checkedName, inventedName } from "./names.ts";
import { formatIdentity, identify, lifeOf } from "./process-identity.ts";
import { startReaper, type Reaper } from "./reaper.ts";
import { readRecord, writeRecord, type SessionRecord, type SessionState } from "./record.ts";
import { ensureSessionsDirectory } from "./sessions-directory.ts";
import { stagingName } from "./staging.ts";
import { deadName, removeRunDirectory, sweep } from "./sweep.ts";

const MOST_INVENTED = 50;
const ENDING_MS = 5_000;
const LOOK_AGAIN_MS = 50;

/** A session that has its name, its private directory and its reaper. */
export interface BegunSession {
  readonly name: string;
  /** Private directory on the host; it goes with the session. */
  readonly runDir: string;
  /** Has a process and its group ended with ours, whatever ends ours. */
  watch(pid: number): void;
  /** Notes in the record how far the session is. */
  enter(state: SessionState): Promise<void>;
}

/**
 * Begins a session: sweeps what crashes left, takes the name (or invents one), makes the directory and starts the reaper. The scope
 * undoes it; call it before anything else is acquired. Throws SESSION_NAME_TAKEN and others of this part.
 */
export async function beginSession(
  { runtimeDirectory, name, project, detached }: { readonly runtimeDirectory: string; readonly name?: string; readonly project: string; readonly detached?: boolean },
  scope: Disposers,
): Promise<BegunSession> {
  const wanted = name === undefined ? undefined : checkedName(name);
  const sessions = ensureSessionsDirectory(runtimeDirectory);
  const owner = identify(process.pid);
  if (!owner) throw new Error("/proc does not know this process");
  await sweep(sessions);

  const reaper = await startReaper(sessions);
  const staging = stagingName(owner);
  let runDir = join(sessions, staging);
  await scope.defer("the session's directory", async () => {
    // What a kill in the middle of this leaves, the reaper finds under the name that both know.
    await removeRunDirectory(runDir, deadName(staging)).finally(() => reaper.dismiss());
  });

  let record: SessionRecord = {
    version: 1, name: "", project, state: "starting", created: new Date().toISOString(), owner, ...(detached && { detached }),
  };
  const take = async (candidate: string): Promise<boolean> => {
    const target = join(sessions, candidate);
    checkSocketPath(target);
    reaper.claim(staging, candidate);
    record = { ...record, name: candidate };
    await writeRecord(runDir, record);
    if (!(await renamed(runDir, target))) return false;
    runDir = target;
    return true;
  };
  await makeStaging(runDir, reaper);
  if (wanted === undefined) await takeInvented(take);
  else await takeWanted(take, sessions, wanted);

  return {
    name: record.name,
    runDir,
    watch: (pid) => reaper.watch(pid),
    async enter(state) {
      record = { ...record, state };
      await writeRecord(runDir, record);
    },
  };
}

async function makeStaging(directory: string, reaper: Reaper): Promise<void> {
  reaper.claim(basename(directory), basename(directory)); // from here on a kill leaves nothing
  await mkdir(directory, { mode: 0o700 });
  await symlink(formatIdentity(reaper.identity), claimFile(directory, 0));
}

async function takeInvented(take: (name: string) => Promise<boolean>): Promise<void> {
  for (let attempt = 1; attempt <= MOST_INVENTED; attempt++) {
    if (await take(inventedName(attempt))) return;
  }
  throw new Error(`none of ${MOST_INVENTED} invented names is free`);
}

/** A session that has just ended may still be tidied up by its reaper: its name is free in a moment. */
async function takeWanted(take: (name: string) => Promise<boolean>, sessions: string, name: string): Promise<void> {
  const until = Date.now() + ENDING_MS;
  while (!(await take(name))) {
    const record = await readRecord(join(sessions, name));
    const isEnding = typeof record === "object" && lifeOf(record.owner) === "ended";
    if (!isEnding || Date.now() > until) throw fail("SESSION_NAME_TAKEN", { name });
    await sleep(LOOK_AGAIN_MS);
    await sweep(sessions);
  }
}

/** A directory that holds anything is never replaced by this, so of two that want one name only one gets it. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST" || code === "ENOTDIR") return false;
    throw error;
  }
}
