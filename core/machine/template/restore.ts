import { rm } from "node:fs/promises";
import { timed } from "../../support/timings.ts";
import type { Bounds, Cell, JailBind } from "../containment.ts";
import { fail } from "../failures.ts";
import { RAM_PATH } from "../qemu-arguments.ts";
import { startQemu, type Qemu } from "../qemu.ts";
import type { Template } from "./find.ts";
import { argumentsOf, type Shape } from "./shape.ts";
import { copySparse } from "./read-sparse.ts";
import { freshCopy, takeSpare } from "./spare-copy.ts";
import type { TemplateStore } from "./store.ts";

// The receiver waits already; it answers in a hundredth of a second, or never.
const GREETING_MS = 15_000;
// The first QEMU that can map a file for private writing without being able to write the file.
const READ_ONLY_SINCE = [8, 2] as const;

/** A template, and the file that QEMU will map. */
export interface Ready {
  readonly template: Template;
  readonly ram: string;
  /** Whether that is the template's own file, which the jail cannot write. */
  readonly isShared: boolean;
}

/** A machine that goes on from a template. */
export interface Restored {
  readonly qemu: Qemu;
  readonly template: Template;
}

/** What a restored machine is made from. */
export interface Restoring {
  readonly shape: Shape;
  readonly ready: Ready;
  /** The image's files and the shares in the jail. */
  readonly binds: readonly JailBind[];
  /** Hears that QEMU has been started. */
  readonly onStarted?: (() => void) | undefined;
}

/**
 * Gets the file that QEMU will map: the template's own where QEMU need not write it, else a private copy, and `onCopying` hears when that
 * has to be made. Throws TEMPLATE_DAMAGED.
 */
export async function prepareRam(template: Template, store: TemplateStore, bounds: Bounds, onCopying?: () => void): Promise<Ready> {
  const isShared = mapsReadOnly(template.manifest.qemu);
  const ram = isShared ? template.ram : await timed("the copy of the template", () => privateCopy(template, store, bounds, onCopying));
  return { template, ram, isShared };
}

/** Starts QEMU in a jail so that it goes on where the template was frozen, and waits until the guest answers. Throws what `startQemu` throws. */
export async function restoreMachine(cell: Cell, { shape, ready, binds, onStarted }: Restoring, bounds: Bounds): Promise<Qemu> {
  const { template, ram, isShared } = ready;
  const { systemRoot, accelerator } = shape;
  const command = {
    argv: argumentsOf(shape, isShared ? "template" : "copy"),
    systemRoot,
    accelerator,
    binds: [...binds, { source: ram, target: RAM_PATH, readOnly: isShared }],
    state: { bytes: template.state, isBare: false },
    onStarted,
  };
  const qemu = await startQemu(cell, command, bounds);
  if (!isShared) await rm(ram); // QEMU has it open, so nothing of it remains whatever ends us
  await timed("the guest goes on", () => qemu.seedPort.greet({ deadlineMs: GREETING_MS, signal: bounds.signal }));
  return qemu;
}

/** Whether a QEMU of this version can be given the template's own file, which nobody may write. */
export function mapsReadOnly([major, minor]: readonly [number, number]): boolean {
  const [since, sinceMinor] = READ_ONLY_SINCE;
  return major > since || (major === since && minor >= sinceMinor);
}

/**
 * An older QEMU opens the file for writing and gets one of its own, so that a broken-into one cannot write into every later session: the one
 * that lies ready, or else one that is made now.
 */
async function privateCopy(template: Template, store: TemplateStore, { scope, signal }: Bounds, onCopying?: () => void): Promise<string> {
  const spare = await takeSpare(template, store);
  const copy = spare ?? freshCopy(store);
  await scope.defer("remove the copy of the template", () => rm(copy, { force: true }));
  if (spare !== undefined) return spare;
  onCopying?.();
  const { ram, manifest, key } = template;
  const sum = await copySparse(ram, copy, manifest.ram, signal);
  if (sum !== manifest.ram.sha256) throw fail("TEMPLATE_DAMAGED", { key, reason: "the content of its memory has changed" });
  return copy;
}
