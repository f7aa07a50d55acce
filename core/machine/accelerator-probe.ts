import type { Image } from "../image/image.ts";
import { kernelCommandLine, PROBE_LINE } from "../image/kernel-command-line.ts";
import { withDeadline } from "../support/deadline.ts";
import { Disposers } from "../support/disposers.ts";
import { isFailure, messageOf } from "../support/errors.ts";
import type { Verdict } from "./accelerator-verdict.ts";
import { architecture } from "./architecture.ts";
import { hostContainment, type Bounds } from "./containment.ts";
import { boardArguments } from "./qemu-arguments.ts";
import { imageBinds, startQemu } from "./qemu.ts";

const DEADLINE_MS = 15_000;
const MEMORY_MIB = 256;

/**
 * Runs the image's kernel under hardware acceleration until its init says so on the console: that `/dev/kvm` can be opened proves
 * nothing, since in nested clouds guests abort or hang under it. Throws only what is not the accelerator's fault.
 */
export async function probeKvm(image: Image, systemRoot: string, { signal }: Pick<Bounds, "signal">, deadlineMs: number = DEADLINE_MS): Promise<Verdict> {
  await using scope = new Disposers();
  const cell = await hostContainment().openCell([], { scope, signal });
  const argv = boardArguments({
    architecture: architecture(),
    accelerator: "kvm",
    cpus: 1,
    memoryMiB: MEMORY_MIB,
    kernelCommandLine: kernelCommandLine({ disks: 0, probe: true }),
  });
  const hung = new Error(`a guest under it did not answer within ${deadlineMs / 1000} s`);
  try {
    const qemu = await startQemu(cell, { argv, systemRoot, accelerator: "kvm", binds: imageBinds(image) }, { scope, signal });
    const { detail } = await withDeadline(qemu.ended, deadlineMs, () => hung, signal);
    if (qemu.console.lines(100).includes(PROBE_LINE)) return { works: true, reason: "a guest ran under it" };
    return { works: false, reason: clause(detail || "a guest under it ended without a word") };
  } catch (error) {
    if (error === hung || isFailure(error, "QEMU_FAILED")) return { works: false, reason: clause(messageOf(error)) };
    throw error;
  }
}

function clause(detail: string): string {
  return `/dev/kvm is there but does not work: ${detail.replaceAll(/\s+/g, " ").slice(0, 200)}`;
}
