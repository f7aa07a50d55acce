import type { Image } from "../image/image.ts";
import { kernelCommandLine, PROBE_LINE } from "../image/kernel-command-line.ts";
import { withDeadline } from "../support/deadline.ts";
import { Disposers } from "../support/disposers.ts";
import { isFailure, messageOf } from "../support/errors.ts";
import type { Verdict } from "./accelerator-verdict.ts";
import { architecture } from "./architecture.ts";
import { hostContainment } from "./containment.ts";
import { boardArguments, type Accelerator } from "./qemu-arguments.ts";
import { imageBinds, startQemu } from "./qemu.ts";

const DEADLINE_MS = 15_000;
const MEMORY_MIB = 256;
const LONGEST_REASON = 200;

/** What to probe with, and how long to wait. */
export interface ProbeOptions {
  /** Where the system lies whose QEMU is used. */
  readonly systemRoot: string;
  readonly signal: AbortSignal;
  readonly accelerator?: Accelerator;
  readonly deadlineMs?: number;
}

/**
 * Runs the image's kernel under an accelerator until its init says so on the console: that `/dev/kvm` can be opened proves
 * nothing, since in nested clouds guests abort or hang under it. Throws only what is not the accelerator's fault.
 */
export async function probeAccelerator(image: Image, options: ProbeOptions): Promise<Verdict> {
  const { systemRoot, signal, accelerator = "kvm", deadlineMs = DEADLINE_MS } = options;
  await using scope = new Disposers();
  const cell = await hostContainment().openCell([], { scope, signal });
  const argv = boardArguments({
    architecture: architecture(),
    accelerator,
    cpus: 1,
    memoryMiB: MEMORY_MIB,
    kernelCommandLine: kernelCommandLine({ disks: 0, probe: true }),
  });
  const silent = new Error(`one said nothing for ${deadlineMs / 1000} s`);
  try {
    const qemu = await startQemu(cell, { argv, systemRoot, accelerator, binds: imageBinds(image) }, { scope, signal });
    const { detail } = await withDeadline(qemu.ended, deadlineMs, () => silent, signal);
    const ran = qemu.consoleTail.lines(Infinity).includes(PROBE_LINE);
    return ran ? { works: true, reason: "a guest ran" } : failing(detail || "one ended without a word");
  } catch (error) {
    if (error === silent) return failing(silent.message);
    if (isFailure(error, "QEMU_FAILED")) return failing(firstWords(error));
    throw error;
  }
}

/** QEMU's own first line, which stands below ours in the message. */
function firstWords(error: unknown): string {
  const [ours = "", first = ours] = messageOf(error).split("\n");
  return first;
}

function failing(detail: string): Verdict {
  return { works: false, reason: `guests do not run under /dev/kvm here (${detail.slice(0, LONGEST_REASON)})` };
}
