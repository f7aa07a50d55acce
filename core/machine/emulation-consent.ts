import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fail } from "./failures.ts";
import type { Progress } from "../support/progress.ts";

/** What is asked, and where the answer is kept. */
export interface ConsentOptions {
  /** Why there is no hardware acceleration, as a clause: "there is no /dev/kvm". */
  readonly reason: string;
  /** Directory of the user's that outlives sessions. */
  readonly stateDir: string;
  readonly progress: Progress;
  /** Asks at a terminal; undefined where there is none. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
}

const CAVEAT = "Software emulation is ten or more times slower, and QEMU's authors do not call it a security boundary.";

/**
 * Tells the user that the machine runs under software emulation: asked once for a reason at a terminal, and said aloud elsewhere.
 * Throws EMULATION_DECLINED when the user says no.
 */
export async function consentToEmulation({ reason, stateDir, progress, ask }: ConsentOptions): Promise<void> {
  const file = join(stateDir, "emulation-accepted");
  const line = `No hardware acceleration: ${reason}.`;
  const accepted = await readFile(file, "utf8").catch(() => undefined);
  if (ask === undefined || accepted === reason) {
    progress.say(`${line} Running under software emulation. ${CAVEAT}`);
    return;
  }
  const yes = await ask(`${line}\n${CAVEAT}\nRun under software emulation from now on?`);
  if (!yes) throw fail("EMULATION_DECLINED", { reason });
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await writeFile(file, reason, { mode: 0o600 });
}
