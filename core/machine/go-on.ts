import { rm } from "node:fs/promises";
import { timed } from "../support/timings.ts";
import { BARE } from "./capture/device-state.ts";
import type { Bounds, Cell, JailBind } from "./containment.ts";
import { RAM_PATH } from "./qemu-arguments.ts";
import { startQemu, type Qemu } from "./qemu.ts";
import type { MovedMachine } from "./save.ts";
import { prepareRam, mapsReadOnly } from "./template/restore.ts";
import { argumentsOf } from "./template/shape.ts";
import { openTemplates } from "./template/store.ts";

/** Where a machine goes on, and with what. */
export interface GoingOn {
  readonly binds: readonly JailBind[];
  readonly cacheDir: string;
  /** What stands in the jail's network: programs of the guest that go on dial at once. */
  readonly doors: Promise<unknown>;
  /** Hears that QEMU has been started. */
  readonly onStarted?: (() => void) | undefined;
}

/** Starts QEMU in a jail so that it goes on where a machine was saved. Throws what `startQemu` throws, and TEMPLATE_DAMAGED. */
export async function goOn(cell: Cell, { shape, frozen, isOwn }: MovedMachine, { binds, cacheDir, doors, onStarted }: GoingOn, bounds: Bounds): Promise<Qemu> {
  const isGiven = isOwn && !mapsReadOnly(frozen.manifest.qemu);
  const { ram, isShared } = isGiven ? { ram: frozen.ram, isShared: false } : await prepareRam(frozen, await openTemplates(cacheDir), bounds);
  const { systemRoot, accelerator } = shape;
  const argv = [...argumentsOf(shape, isShared ? "template" : "copy"), ...BARE];
  const memory = { source: ram, target: RAM_PATH, readOnly: isShared };
  const state = { bytes: frozen.state, isBare: true };
  const command = { argv, systemRoot, accelerator, binds: [...binds, memory], state, until: doors, onStarted };
  const qemu = await timed("the machine goes on", () => startQemu(cell, command, bounds));
  if (!isShared && !isGiven) await rm(ram); // QEMU has it open, so nothing of it remains whatever ends us
  return qemu;
}
