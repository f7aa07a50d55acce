import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { lifeOf } from "./process-identity.ts";
import type { SessionRecord } from "./record.ts";
import { runDirectory } from "./sessions-directory.ts";

// The kernel tells only a parent of a process's end, and we are none.
const LOOK_MS = 30;

/** Waits until a session's process has ended and its directory is gone; answers whether that came to be within the time (ms). */
export async function sessionEnded({ name, owner }: SessionRecord, runtimeDirectory: string, withinMs: number, signal?: AbortSignal): Promise<boolean> {
  const until = performance.now() + withinMs;
  const directory = runDirectory(runtimeDirectory, name);
  while (lifeOf(owner) === "alive" || existsSync(directory)) {
    signal?.throwIfAborted();
    if (performance.now() > until) return false;
    await sleep(LOOK_MS);
  }
  return true;
}
