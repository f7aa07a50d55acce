import { z } from "zod";
import type { Qmp } from "../qmp.ts";
import { fail } from "../failures.ts";

const ANSWER = z.string();
const ADDRESS = /\bis (0x[0-9a-f]{1,16})\s*$/i;

/** Where the guest's memory lies in QEMU: the address of its first byte. `start` is where the guest has it. Throws MONITOR_FAILED. */
export async function memoryPlace(qmp: Qmp, start: number, signal: AbortSignal): Promise<number> {
  const answer = ANSWER.safeParse(await qmp.run("human-monitor-command", { "command-line": `gpa2hva 0x${start.toString(16)}` }, signal));
  const address = Number(ADDRESS.exec(answer.data ?? "")?.[1]);
  if (!Number.isSafeInteger(address)) throw fail("MONITOR_FAILED", { what: "the place of the memory", detail: "it is no address" });
  return address;
}
