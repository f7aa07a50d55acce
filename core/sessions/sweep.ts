import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../support/errors.ts";
import { logger } from "../support/log.ts";
import { runAfterKill } from "./after-kill.ts";
import { claim } from "./claims.ts";
import { isName } from "./names.ts";
import { identify, lifeOf } from "./process-identity.ts";
import { readRecord } from "./record.ts";
import { isPrivateDirectory } from "./sessions-directory.ts";
import { ownerOfStaging, stagingName } from "./staging.ts";

const log = logger("sessions");
const DEAD = ".dead-";

/**
 * Removes what sessions left whose process ended without tidying up, as a crash of the host leaves it, and nothing else. Safe beside
 * other sweeps, reapers that are still at work, and sessions that just begin; answers the names of the sessions it removed.
 */
export async function sweep(sessions: string): Promise<readonly string[]> {
  const swept: string[] = [];
  for (const entry of await readdir(sessions).catch(() => [])) {
    const path = join(sessions, entry);
    if (!(await isPrivateDirectory(path))) continue;
    try {
      if (entry.startsWith(DEAD) || isAbandonedStaging(entry)) await remove(path);
      else if (isName(entry) && (await sweepSession(path))) swept.push(entry);
    } catch (error) {
      log("cannot sweep %s: %s", path, messageOf(error)); // the next sweep tries again
    }
  }
  return swept;
}

/** Takes a session's directory out of sight at once by giving it a dead name, then removes it; its owner needs no claim for that. */
export async function removeRunDirectory(directory: string, name: string): Promise<void> {
  const dead = join(directory, "..", name);
  try {
    await rename(directory, dead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  await remove(dead);
}

/** The name of a directory that anybody may remove; that of a session's own is known to its reaper too. */
export function deadName(staging: string): string {
  return staging.replace(/^\.new-/, DEAD);
}

function isAbandonedStaging(entry: string): boolean {
  const owner = ownerOfStaging(entry);
  return owner !== undefined && lifeOf(owner) === "ended";
}

async function sweepSession(directory: string): Promise<boolean> {
  if (!(await isOver(directory))) return false;
  const self = identify(process.pid);
  // Should somebody else have swept and a new session have taken the name since that look, its reaper holds the claim by now.
  if (!self || (await claim(directory, self)) === undefined) return false;
  await runAfterKill(directory);
  await removeRunDirectory(directory, deadName(stagingName(self)));
  return true;
}

async function isOver(directory: string): Promise<boolean> {
  const record = await readRecord(directory);
  return record === "damaged" || (record !== "foreign" && lifeOf(record.owner) === "ended");
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
