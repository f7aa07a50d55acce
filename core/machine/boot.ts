import { Disposers } from "../support/disposers.ts";
import { isFailure } from "../support/errors.ts";
import { timed } from "../support/timings.ts";
import type { Bounds } from "./containment.ts";
import { endAfterBreak } from "./end-after-break.ts";
import type { Accelerator } from "./qemu-arguments.ts";
import type { Qemu } from "./qemu.ts";

/** How a machine boots. */
export interface BootOptions {
  readonly accelerator: Accelerator;
  /** Longest time until the guest asks for its seed, in ms. */
  readonly deadlineMs: number;
  /** Hears that QEMU runs and the guest boots. */
  readonly onBooting?: (() => void) | undefined;
  /** Hears that the guest's kernel crashed and is booted once more: one line, escaped. */
  say(line: string): void;
}

/**
 * Starts a machine that boots, and waits until its guest asks for its seed. When the guest's own kernel crashed before that under software
 * emulation, it starts once more: QEMU before 8.1 may go on running code that another processor has just patched, which kernels do while
 * they boot. What else ends the guest is found out by whoever enters it. Throws what `start` throws, and GUEST_SILENT.
 */
export async function bootQemu(start: (bounds: Bounds) => Promise<Qemu>, options: BootOptions, { scope, signal }: Bounds): Promise<Qemu> {
  for (let isSecond = false; ; isSecond = true) {
    const attempt = new Disposers();
    await scope.defer("the booted machine", () => attempt.close());
    const qemu = await start({ scope: attempt, signal });
    options.onBooting?.();
    const panic = await panicBeforeSeed(qemu, options.deadlineMs, signal);
    if (panic === undefined || isSecond || options.accelerator !== "tcg") return qemu;
    options.say(`The guest's kernel crashed while it booted, as it may under software emulation: booting once more. ${panic}`);
    await attempt.close();
  }
}

/** How the guest's kernel gave up before it asked for its seed, if it did. */
async function panicBeforeSeed(qemu: Qemu, deadlineMs: number, signal: AbortSignal): Promise<string | undefined> {
  try {
    await timed("the guest asks for its seed", () => qemu.seedPort.greet({ deadlineMs, signal }));
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (isFailure(error, "GUEST_SILENT")) throw error;
    await endAfterBreak(qemu);
    return qemu.consoleTail.panic();
  }
}
