import { fail } from "./failures.ts";
import { lifeOf } from "./process-identity.ts";
import type { SessionRecord } from "./record.ts";
import { sessionEnded } from "./session-ended.ts";
import { sessionsDirectory } from "./sessions-directory.ts";
import { sweep } from "./sweep.ts";

/** How long a session may take to tear itself down, and its reaper to tidy up after it was ended by force, in ms. */
export const STOP_MS = { orderly: 30_000, forced: 10_000 } as const;

/**
 * Ends a session: asks it, and when it does not heed that in time, ends it by force and lets its reaper tidy up. Throws
 * SESSION_STOP_FAILED when something of it is left even so.
 */
export async function stopSession(session: SessionRecord, runtimeDirectory: string, signal: AbortSignal): Promise<{ readonly forced: boolean }> {
  tell(session, "SIGTERM");
  if (await sessionEnded(session, runtimeDirectory, STOP_MS.orderly, signal)) return { forced: false };
  tell(session, "SIGKILL");
  if (!(await sessionEnded(session, runtimeDirectory, STOP_MS.forced, signal))) await sweep(sessionsDirectory(runtimeDirectory));
  if (!(await sessionEnded(session, runtimeDirectory, 0, signal))) throw fail("SESSION_STOP_FAILED", { name: session.name, pid: session.owner.pid });
  return { forced: true };
}

/** Signals the session's process; one that has just ended, whose number may be another's by now, is left alone. */
function tell({ owner }: SessionRecord, signal: NodeJS.Signals): void {
  if (lifeOf(owner) !== "alive") return;
  try {
    process.kill(owner.pid, signal);
  } catch {
    return; // it ended meanwhile
  }
}
