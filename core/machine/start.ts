import type { Image } from "../image/image.ts";
import { kernelCommandLine } from "../image/kernel-command-line.ts";
import type { Acting } from "../session.ts";
import { logger } from "../support/log.ts";
import { chooseAccelerator, type AcceleratorWish } from "./accelerator.ts";
import { SSH_PORT } from "./addresses.ts";
import { architecture } from "./architecture.ts";
import { hostContainment } from "./containment.ts";
import { DialledConnections } from "./dialled.ts";
import { openDoorway } from "./doorway.ts";
import type { MachinePlan } from "./draft.ts";
import { fail } from "./failures.ts";
import type { Machine } from "./machine.ts";
import { boardArguments, sessionArguments, sharePath } from "./qemu-arguments.ts";
import { imageBinds, startQemu } from "./qemu.ts";

const log = logger("machine");

/** What the user may choose about machines. */
export interface MachineOptions {
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly accel: AcceleratorWish;
  /** A directory with a system whose QEMU is used instead of the host's own, with `usr` below it. */
  readonly qemuRoot?: string;
  /** Hears why hardware acceleration is not used although it may be, before anything starts; a rejection ends the start. */
  onEmulation(reason: string): Promise<void>;
}

/**
 * Starts a machine in its jail, proves the jail, and lets the guest run; the scope ends it. Throws what the containment, the accelerator,
 * a plugin's network step or QEMU throw.
 */
export async function startMachine(image: Image, plan: MachinePlan, options: MachineOptions, acting: Acting): Promise<Machine> {
  const { cpus, memoryMiB, accel, qemuRoot: systemRoot = "/" } = options;
  const { scope, signal, session } = acting;
  const containment = hostContainment();
  const { accelerator, reason } = await chooseAccelerator(image, { accel, systemRoot, cacheDir: session.cacheDir }, acting);
  log("%s: %s", accelerator, reason);
  if (accelerator === "tcg" && options.accel === "auto") await options.onEmulation(reason);

  const cell = await containment.openCell(plan.localRanges, acting);
  const [server] = await openDoorway(cell.network, [{ protocol: "tcp", address: "127.0.0.1", port: SSH_PORT }], acting);
  for (const step of plan.networkSteps) await step(cell.network, scope);

  const disks = image.disks.length;
  const board = { architecture: architecture(), accelerator, cpus, memoryMiB, kernelCommandLine: kernelCommandLine({ disks }) };
  const shares = plan.shares.map((share) => ({ source: share.source, target: sharePath(share), readOnly: share.readOnly }));
  const argv = [...boardArguments(board), ...sessionArguments(disks, plan)];
  const qemu = await startQemu(cell, { argv, systemRoot, accelerator, binds: [...imageBinds(image), ...shares] }, { scope, signal });

  const dialled = new DialledConnections(server, qemu.ended.then((end) => fail("MACHINE_ENDED", end)));
  return {
    network: cell.network,
    ended: qemu.ended,
    seedPort: qemu.seedPort,
    accept: (deadlineMs, until) => dialled.take(deadlineMs, until),
    consoleTail: (lines) => qemu.consoleTail.lines(lines),
    outOfMemory: () => qemu.consoleTail.outOfMemory(),
    stop: () => qemu.stop(),
  };
}
