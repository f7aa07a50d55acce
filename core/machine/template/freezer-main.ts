// Makes one template in the background, as the freezer's job on standard input says; ends by itself in every case.
import { setPriority } from "node:os";
import { text } from "node:stream/consumers";
import type { FreezeJob } from "./freezer.ts";
import { makeTemplate } from "./make.ts";

const LOWEST_PRIORITY = 19;
const DEADLINE_MS = 15 * 60_000;

async function freeze(): Promise<void> {
  const { shape, cacheDir, bootDeadlineMs } = JSON.parse(await text(process.stdin)) as FreezeJob;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error("it took too long")), DEADLINE_MS);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => stop.abort(new Error(signal)));
  try {
    await makeTemplate(shape, { cacheDir, bootDeadlineMs, signal: stop.signal, wait: false });
  } catch {
    // whoever starts next does without, and tries again
  } finally {
    clearTimeout(timer);
  }
}

setPriority(LOWEST_PRIORITY);
void freeze();
