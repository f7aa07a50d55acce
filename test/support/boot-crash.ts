import type { Ended, Started } from "./started.ts";

// what the kernel says of itself at the end of the console
const CRASH = /\b(Kernel panic|Oops: int3|sysvec_call_function)/;

/**
 * Starts a session that boots and waits for its words, once more when the guest's own kernel crashed meanwhile: it does at times when it
 * patches its code under software emulation on a busy host. Any other failure stays one.
 */
export async function bootedUntil(pattern: RegExp, start: () => Started): Promise<Started> {
  for (let isSecond = false; ; isSecond = true) {
    const started = start();
    try {
      await started.says(pattern);
      return started;
    } catch (error) {
      if (isSecond || !CRASH.test(String(error))) throw error;
    }
  }
}

/** How a session that boots ended by itself; of a second one when the guest's own kernel crashed in the first. */
export async function endedAfterBoot(start: () => Started): Promise<Ended> {
  const ended = await start().ended;
  return CRASH.test(ended.stderr) ? await start().ended : ended;
}
