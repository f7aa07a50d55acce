import { setTimeout as sleep } from "node:timers/promises";
import type { MachineEnd } from "./machine.ts";

const LAST_MOMENT_MS = 1500;

/**
 * How a machine ended whose seed port or connection broke, which happens a moment before QEMU has ended; undefined when it still runs
 * after that moment.
 */
export async function endAfterBreak({ ended }: { readonly ended: Promise<MachineEnd> }): Promise<MachineEnd | undefined> {
  const timer = new AbortController();
  const moment = sleep(LAST_MOMENT_MS, undefined, { signal: timer.signal }).catch(() => undefined);
  const end = await Promise.race([ended, moment]);
  timer.abort();
  return end;
}
