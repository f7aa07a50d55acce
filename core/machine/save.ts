import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { timed } from "../support/timings.ts";
import { architecture } from "./architecture.ts";
import { copyMemory } from "./capture/copy-memory.ts";
import { deviceState } from "./capture/device-state.ts";
import { heldPages, union } from "./capture/held-pages.ts";
import { memoryPlace } from "./capture/memory-place.ts";
import { recopyMemory } from "./capture/recopy-memory.ts";
import { openReserve } from "./capture/reserve.ts";
import type { Peek } from "./containment.ts";
import type { Qmp } from "./qmp.ts";
import type { Template } from "./template/find.ts";
import { FILES } from "./template/manifest.ts";
import { sealFrozen } from "./template/seal.ts";
import { templateKey, type Shape } from "./template/shape.ts";
import { hashSparse } from "./template/read-sparse.ts";
import type { Extent } from "./template/sparse.ts";
import { syncFile } from "./template/sync.ts";

/** A machine on the disk: a folder as that of a template, and what a machine that goes on from it must be like. */
export interface SavedMachine {
  readonly shape: Shape;
  /** Names QEMU, image, devices and processor; another one cannot take the state. */
  readonly key: string;
  /** What it takes on the disk. */
  readonly bytes: number;
}

/** What came of saving one. */
export interface SaveOutcome {
  readonly saved: SavedMachine;
  /** How long the guest stood still, in ms. */
  readonly pausedMs: number;
}

/** A machine that goes on from a folder. */
export interface MovedMachine {
  readonly shape: Shape;
  readonly frozen: Template;
  /** Whether nothing else will ever go on from that folder, so that a QEMU which must be able to write the file may have it. */
  readonly isOwn: boolean;
}

/** A machine that is to be saved. */
export interface Saving {
  readonly shape: Shape;
  readonly monitor: Qmp;
  readonly peek: Peek;
  /** What the file holds that its memory was mapped from. */
  readonly mapped: readonly Extent[];
  /** Whether it runs meanwhile, and goes on. */
  readonly goesOn: boolean;
  /** Has work done while the guest stands still. */
  paused<T>(work: () => Promise<T>): Promise<T>;
}

const MIB = 1024 * 1024;
// What the guest asked of its shares just before is answered into its memory, also when it stands still.
const SETTLE_MS = 20;

/**
 * Writes a machine into a folder that is empty but for the room taken in it. When it `goesOn`, its memory is copied while it runs, and it
 * stands still only for what has changed since. Throws MONITOR_FAILED.
 */
export async function saveMachine({ shape, monitor, peek, mapped, goesOn, paused }: Saving, folder: string, signal: AbortSignal): Promise<SaveOutcome> {
  const ram = join(folder, FILES.ram);
  const bytes = shape.memoryMiB * MIB;
  const reserve = await openReserve(folder);
  let began = 0;
  const save = async (): Promise<{ state: Buffer; extents: readonly Extent[] }> => {
    const address = await memoryPlace(monitor, architecture().memoryStart, signal);
    const stretches = async () => ({ address, bytes, extents: union(await heldPages(peek, address, bytes), mapped) });
    const copy = async (): Promise<Extent[]> => await copyMemory(peek, await stretches(), ram, reserve, signal);
    const copied = goesOn ? await timed("its memory, while it runs", copy) : undefined;
    began = performance.now();
    return await timed("the guest stands still", () => paused(async () => {
      await sleep(SETTLE_MS, undefined, { signal });
      const state = await timed("the state of its devices", () => deviceState(monitor, peek, signal));
      const rest = async (): Promise<Extent[]> => (copied ? await recopyMemory(peek, await stretches(), ram, copied, reserve, signal) : await copy());
      return { state, extents: await timed("its memory", rest) };
    }));
  };
  const { state, extents } = await save().finally(() => reserve.end());
  const pausedMs = Math.round(performance.now() - began);
  const [sha256] = await Promise.all([timed("its checksum", () => hashSparse(ram, extents, signal)), timed("to the disk", () => syncFile(ram))]);
  const key = templateKey(shape);
  await sealFrozen(folder, { key, image: shape.image.id, qemu: monitor.version, state, content: { extents, sha256 } });
  const used = extents.reduce((sum, [, length]) => sum + length, state.length);
  return { saved: { shape, key, bytes: used }, pausedMs };
}
