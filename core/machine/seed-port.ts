import type { Duplex } from "node:stream";
import { withDeadline } from "../support/deadline.ts";
import { escapeLine } from "../support/escape.ts";
import { fail } from "./guest-failures.ts";
import { onLines } from "./lines.ts";
import { encodeSeed, type Seed } from "./seed.ts";

/** How long to wait for the guest's seed receiver, and where its console is read when it does not answer. */
export interface SeedWait {
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  /** The end of the guest's console, escaped. */
  consoleTail(): string;
}

const MAX_LINE_BYTES = 1024;

/** Hands the seed over through the seed port: waits until the guest asks for it, sends it, and waits until it is applied. */
export async function plantSeed(port: Duplex, seed: Seed, wait: SeedWait): Promise<void> {
  let what = "did not ask for its seed";
  const talk = new Promise<void>((resolve, reject) => {
    const nonsense = (said: string) => reject(fail("GUEST_SEED_NONSENSE", { said, console: wait.consoleTail() }));
    const answers = (line: string): void => {
      if (line === "ready") resolve();
      else if (line.startsWith("error ")) reject(refused(line.slice("error ".length), wait));
      else nonsense(`"${escapeLine(line.slice(0, 200))}"`);
    };
    let asked = false;
    onLines(port, MAX_LINE_BYTES, {
      line: (text) => {
        const line = text.replace(/\r$/, "");
        if (asked) return answers(line);
        if (line !== "waiting 1") return nonsense(`"${escapeLine(line.slice(0, 200))}"`);
        asked = true;
        what = "did not apply its seed";
        port.write(encodeSeed(seed));
      },
      tooLong: () => nonsense(`a line of more than ${MAX_LINE_BYTES} bytes`),
    });
    port.on("error", (error) => nonsense(`nothing, since the port failed (${escapeLine(error.message)})`));
    port.once("end", () => nonsense("nothing, since the port was closed"));
    port.once("close", () => nonsense("nothing, since the port was closed"));
  });
  const late = () => fail("GUEST_SILENT", { deadlineMs: wait.deadlineMs, what, console: wait.consoleTail() });
  await withDeadline(talk, wait.deadlineMs, late, wait.signal);
}

function refused(reason: string, wait: SeedWait): Error {
  return fail("GUEST_SEED_REFUSED", { reason: escapeLine(reason), console: wait.consoleTail() });
}
