import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fail } from "./failures.ts";
import { isName } from "./names.ts";
import { lifeOf } from "./process-identity.ts";
import { readRecord, type SessionRecord } from "./record.ts";
import { runDirectory, sessionsDirectory, isPrivateDirectory } from "./sessions-directory.ts";

/** The sessions of this user whose process lives, the oldest first. */
export async function listSessions(runtimeDirectory: string): Promise<readonly SessionRecord[]> {
  const sessions = sessionsDirectory(runtimeDirectory);
  const names = await readdir(sessions).catch(() => []);
  const found = await Promise.all(names.filter(isName).map((name) => livingSession(join(sessions, name), name)));
  return found.filter((record) => record !== undefined).sort((a, b) => compare(a.created, b.created) || compare(a.name, b.name));
}

/** One running session; throws SESSION_UNKNOWN. */
export async function findSession(runtimeDirectory: string, name: string): Promise<SessionRecord> {
  const record = isName(name) ? await livingSession(runDirectory(runtimeDirectory, name), name) : undefined;
  if (record) return record;
  const known = (await listSessions(runtimeDirectory)).map((session) => session.name);
  throw fail("SESSION_UNKNOWN", { name, known });
}

async function livingSession(directory: string, name: string): Promise<SessionRecord | undefined> {
  if (!(await isPrivateDirectory(directory))) return undefined;
  const record = await readRecord(directory);
  if (typeof record === "string" || record.name !== name) return undefined;
  return lifeOf(record.owner) === "alive" ? record : undefined;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
