import type { Image } from "../image/image.ts";
import type { Acting } from "../session.ts";
import { logger } from "../support/log.ts";
import { timed } from "../support/timings.ts";
import { chooseAccelerator, type AcceleratorWish } from "./accelerator.ts";
import type { MachineFacts } from "./ahead/last-start.ts";
import type { MachineAhead } from "./ahead/machine-ahead.ts";
import { bootQemu } from "./boot.ts";
import { hostContainment, type Bounds, type Cell } from "./containment.ts";
import { DialledConnections } from "./dialled.ts";
import { openDoors } from "./doors.ts";
import type { MachinePlan } from "./draft.ts";
import { fail } from "./failures.ts";
import { checkLockable } from "./locked-memory.ts";
import type { Machine } from "./machine.ts";
import { goOn } from "./go-on.ts";
import { openKeptDisk } from "./kept-disk.ts";
import { saveMachine, type MovedMachine } from "./save.ts";
import { sharePath } from "./qemu-arguments.ts";
import { imageBinds, startQemu } from "./qemu.ts";
import { makeScratchFile, type ScratchFile, type ScratchWish } from "./scratch.ts";
import { beginSteps } from "./start-steps.ts";
import type { Restored, Restoring } from "./template/restore.ts";
import { argumentsOf, type Shape } from "./template/shape.ts";
import { planSpare } from "./template/spare-later.ts";

const log = logger("machine");

/** What the user may choose about machines. */
export interface MachineOptions {
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly accel: AcceleratorWish;
  /** A directory with a system whose QEMU is used instead of the host's own, with `usr` below it. */
  readonly qemuRoot?: string;
  /** Whether its memory is kept out of the host's swap. */
  readonly lockMemory?: boolean;
  /** Whether the machine may go on from a template instead of booting. */
  readonly template: "auto" | "off";
  /** A disk for bulk data, and where its file lies. */
  readonly scratch?: ScratchWish;
  /** A machine that was begun before it was known what is wanted; it is used if it is that. */
  readonly ahead?: MachineAhead | undefined;
  /** A machine that was saved and goes on here, instead of one that starts. */
  readonly moved?: MovedMachine | undefined;
  /** Longest time that a boot may take, in ms. */
  readonly bootDeadlineMs: number;
  /** Hears that QEMU has been started, and that it will be a while until the machine runs. */
  readonly onStarted?: () => void;
  /** Hears that the machine boots, since there is no template of this shape that can be used. */
  onBoot(shape: Shape): void;
  /** Hears why hardware acceleration is not used although it may be, before anything starts; a rejection ends the start. */
  onEmulation(reason: string): Promise<void>;
}

/**
 * Starts a machine in its jail, from its template when there is one, proves the jail, and lets the guest run; the scope ends it. Throws what the containment, the accelerator,
 * a plugin's network step or QEMU throw.
 */
export async function startMachine(image: Image, plan: MachinePlan, options: MachineOptions, acting: Acting): Promise<Machine> {
  const { scope } = acting;
  const containment = hostContainment();
  const { moved, onStarted } = options;
  const shape = moved?.shape ?? (await shapeOf(image, plan, options, acting));
  const { systemRoot, accelerator } = shape;
  const binds = [...imageBinds(image), ...plan.shares.map((share) => ({ source: share.source, target: sharePath(share), readOnly: share.readOnly }))];

  const mayRestore = options.template !== "off" && !moved;
  const facts: MachineFacts = { shape, localRanges: plan.localRanges, binds };
  // a disk of its own is for one machine at a time, so none is begun with it
  const wanted = mayRestore && !options.scratch && plan.disks.length === 0 ? facts : undefined;
  const taken = await options.ahead?.take(wanted, scope);
  const restoring = mayRestore && !taken ? fromTemplate(shape, acting) : undefined;
  const making = taken ? Promise.resolve(taken.cell) : timed("the jail's network", () => containment.openCell(plan.localRanges, acting));
  making.catch(() => {}); // heard below
  const networkSteps = beginSteps(plan, scope); // while whoever makes the network is waited for
  const cell = await making;
  const doors = openDoors(cell.network, networkSteps, acting);
  const scratch = options.scratch && (await makeScratchFile(options.scratch, scope));
  const kept: ScratchFile[] = [];
  for (const disk of plan.disks) kept.push(await openKeptDisk(disk, acting));
  for (const { bind } of [...(scratch ? [scratch] : []), ...kept]) binds.push(bind);
  // A guest that waits for its seed dials nobody, so its network may be made meanwhile.
  const restored = (await taken?.goOn(scope, onStarted)) ?? (mayRestore ? await (restoring ?? fromTemplate(shape, acting))(cell, { binds, onStarted }) : undefined);
  if (wanted) options.ahead?.keep(wanted);
  const goingOn = moved && (await goOn(cell, moved, { binds, cacheDir: acting.session.cacheDir, doors: doors.ready, onStarted }, acting));
  const server = await doors.ssh;
  const startAnew = (bounds: Bounds) => startQemu(cell, { argv: argumentsOf(shape, "own"), systemRoot, accelerator, binds, onStarted }, bounds);
  const booting = { accelerator, deadlineMs: options.bootDeadlineMs, onBooting: () => options.onBoot(shape), say: (line: string) => acting.progress.say(line) };
  const qemu = goingOn ?? restored?.qemu ?? (await bootQemu(startAnew, booting, acting));
  const frozenFrom = moved?.frozen ?? restored?.template;
  for (const file of [scratch, ...kept]) await file?.unname();
  if (restored) await planSpare(restored.template, acting.session.cacheDir, acting);
  // before what stands in its network, which may have come after it
  await scope.defer("stop QEMU", () => qemu.stop());

  const saving = () => ({ shape, monitor: qemu.monitor, peek: qemu.peek(), mapped: frozenFrom?.manifest.ram.extents ?? [] });
  const dialled = new DialledConnections(server, qemu.ended.then((end) => fail("MACHINE_ENDED", end)));
  return {
    network: cell.network,
    networkReady: doors.ready,
    shares: shape.shares,
    ended: qemu.ended,
    seedPort: qemu.seedPort,
    accept: (deadlineMs, until) => dialled.take(deadlineMs, until),
    consoleTail: (lines) => qemu.consoleTail.lines(lines),
    outOfMemory: () => qemu.consoleTail.outOfMemory(),
    openHolds: () => qemu.openHolds(),
    paused: (work) => qemu.paused(work),
    capture: (folder, around, until) => saveMachine({ ...saving(), goesOn: true, paused: (work) => around(() => qemu.paused(work)) }, folder, until),
    async save(folder, until) {
      server.close(); // from now on the guest is refused when it dials, until it goes on elsewhere
      const paused = async <T>(work: () => Promise<T>): Promise<T> => {
        await qemu.monitor.run("stop", {}, until);
        return await work();
      };
      return await saveMachine({ ...saving(), goesOn: false, paused }, folder, until);
    },
    stop: () => qemu.stop(),
  };
}

/** What a machine will be, all that the user and the host choose decided. Throws ACCEL_UNAVAILABLE, and what `onEmulation` throws. */
export async function shapeOf(
  image: Image,
  { shares, devices, disks }: MachinePlan,
  options: Omit<MachineOptions, "template" | "onBoot" | "onStarted" | "moved" | "bootDeadlineMs">,
  acting: Acting,
): Promise<Shape> {
  const { cpus, memoryMiB, accel, qemuRoot: systemRoot = "/", scratch, lockMemory = false } = options;
  const { accelerator, reason } = await timed("the accelerator", () => chooseAccelerator(image, { accel, systemRoot, cacheDir: acting.session.cacheDir }, acting));
  log("%s: %s", accelerator, reason);
  if (lockMemory) checkLockable({ memoryMiB, cpus, accelerator });
  if (accelerator === "tcg" && accel === "auto") await options.onEmulation(reason);
  const lent = shares.map(({ tag, readOnly }) => ({ tag, readOnly }));
  return { image, systemRoot, accelerator, cpus, memoryMiB, shares: lent, devices, lockMemory, ...keptOf(disks), ...(scratch && { scratchBytes: scratch.bytes }) };
}

/** What a shape says of disks that are kept: nothing where there are none, as in what was saved before there were any. */
export function keptOf(disks: MachinePlan["disks"]): Pick<Shape, "kept"> {
  return disks.length === 0 ? {} : { kept: disks.map(({ serial, bytes }) => ({ serial, bytes })) };
}

/** Prepares the template of a shape at once; what it answers has a machine go on from it, unless there is none that can be used. */
function fromTemplate(shape: Shape, acting: Acting) {
  const loading = import("./template/use.ts");
  const preparing = loading.then(({ readyTemplate }) => readyTemplate(shape, acting));
  preparing.catch(() => {}); // heard below
  return async (cell: Cell, more: Pick<Restoring, "binds" | "onStarted">): Promise<Restored | undefined> => {
    const ready = await preparing;
    const qemu = ready && (await (await loading).restoreOrBoot(cell, { shape, ready, ...more }, acting));
    return qemu && { qemu, template: ready.template };
  };
}
