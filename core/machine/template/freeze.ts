import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Disposers } from "../../support/disposers.ts";
import { note } from "../../support/timings.ts";
import { bootQemu } from "../boot.ts";
import { hostContainment, type Bounds, type JailBind } from "../containment.ts";
import { openDoorway } from "../doorway.ts";
import { fail } from "../failures.ts";
import { keptDiskPath } from "../kept-disk.ts";
import { RAM_PATH, sharePath } from "../qemu-arguments.ts";
import { imageBinds, startQemu, type Qemu } from "../qemu.ts";
import { SCRATCH } from "../scratch.ts";
import { findTemplate } from "./find.ts";
import { FILES } from "./manifest.ts";
import { giveState } from "./migration.ts";
import { prepareRam, restoreMachine } from "./restore.ts";
import { sealFrozen } from "./seal.ts";
import { argumentsOf, templateKey, type Shape } from "./shape.ts";
import { packSparse } from "./sparse.ts";
import { discardTemplate, templateFolder, type TemplateStore } from "./store.ts";
import { syncFile } from "./sync.ts";

// The port in the machine's own network to which QEMU sends its state: its jail refuses Unix sockets, and a numbered descriptor it refuses itself.
const STATE_PORT = 1;
const WARM_MS = 180_000;
const MIB = 1024 * 1024;

/** How a template is made. */
export interface FreezeOptions {
  readonly store: TemplateStore;
  /** A private folder for what is being made; whoever holds the key's lock removes it. */
  readonly draft: string;
  /** Longest time that the boot may take, in ms. */
  readonly bootDeadlineMs: number;
  readonly signal: AbortSignal;
  /** Hears what is done next. */
  step(what: string): void;
}

/**
 * Boots a machine that no session has touched up to where it waits for its seed, freezes it, tries the result once, and puts it in
 * its place. Only for the holder of the key's lock. Throws what starting a machine throws, and TEMPLATE_DAMAGED when it does not work.
 */
export async function freezeTemplate(shape: Shape, options: FreezeOptions): Promise<void> {
  const { store, draft, signal, step } = options;
  const key = templateKey(shape);
  const fresh = join(draft, "template");
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  step("booting");
  const { state, qemu, upMs } = await bootAndFreeze(shape, options);
  step("packing");
  const content = await packSparse(join(draft, "memory"), join(fresh, FILES.ram), signal);
  await rm(join(draft, "memory"));
  await sealFrozen(fresh, { key, image: shape.image.id, qemu, state, content });
  step("trying");
  const template = { ...store, ready: draft };
  await rename(fresh, templateFolder(template, key));
  await tryOnce(shape, key, { ...options, store: { ...store, ready: draft } });
  await discardTemplate(store, key);
  await rename(templateFolder(template, key), templateFolder(store, key));
  await syncFile(store.ready);
  note("the template, once the guest was up", upMs);
}

async function bootAndFreeze(shape: Shape, { draft, bootDeadlineMs, signal, step }: FreezeOptions): Promise<{ state: Buffer; qemu: [number, number]; upMs: number }> {
  await using scope = new Disposers();
  const bounds = { scope, signal };
  const memory = join(draft, "memory");
  await using file = await open(memory, "wx", 0o600);

  const cell = await hostContainment().openCell([], bounds);
  const [server] = await openDoorway(cell.network, [{ protocol: "tcp", address: "127.0.0.1", port: STATE_PORT }], bounds);
  const binds = [...(await standIns(shape, draft)), { source: memory, target: RAM_PATH, readOnly: false }];
  const { systemRoot, accelerator } = shape;
  const start = async (attempt: Bounds): Promise<Qemu> => {
    await file.truncate(); // nothing of a boot that crashed
    await file.truncate(shape.memoryMiB * MIB);
    return await startQemu(cell, { argv: argumentsOf(shape, "made"), systemRoot, accelerator, binds }, attempt);
  };
  const qemu = await bootQemu(start, { accelerator, deadlineMs: bootDeadlineMs, say: step }, bounds);
  await qemu.seedPort.greet({ deadlineMs: bootDeadlineMs, signal });
  const upMs = performance.now();
  step("warming");
  await qemu.seedPort.warm({ deadlineMs: WARM_MS, signal });
  step("freezing");
  const state = await giveState(qemu.monitor, server, STATE_PORT, signal);
  const [major, minor] = qemu.monitor.version;
  await qemu.stop();
  return { state, qemu: [major, minor], upMs };
}

/** A template that no machine can go on from must never be found by a session. */
async function tryOnce(shape: Shape, key: string, { store, draft, signal }: FreezeOptions): Promise<void> {
  await using scope = new Disposers();
  const found = await findTemplate(store, key, { full: true, signal });
  if (found.state !== "sound") throw fail("TEMPLATE_DAMAGED", { key, reason: found.state === "damaged" ? found.reason : "it is gone" });
  const bounds = { scope, signal };
  const cell = await hostContainment().openCell([], bounds);
  const ready = await prepareRam(found.template, store, bounds);
  await restoreMachine(cell, { shape, ready, binds: await standIns(shape, draft) }, bounds);
}

/** What the jail shows where a session has its own: an empty directory for each share, a disk with nothing on it. */
async function standIns(shape: Shape, draft: string): Promise<JailBind[]> {
  const empty = join(draft, "empty");
  await mkdir(empty, { mode: 0o700, recursive: true });
  const binds: JailBind[] = [...imageBinds(shape.image), ...shape.shares.map((share) => ({ source: empty, target: sharePath(share), readOnly: true }))];
  const disks = (shape.kept ?? []).map((disk) => ({ name: `disk-${disk.serial}`, target: keptDiskPath(disk), bytes: disk.bytes }));
  if (shape.scratchBytes !== undefined) disks.push({ name: "scratch", target: SCRATCH.path, bytes: shape.scratchBytes });
  for (const { name, target, bytes } of disks) {
    await using file = await open(join(draft, name), "w", 0o600);
    await file.truncate(bytes);
    binds.push({ source: join(draft, name), target, readOnly: false });
  }
  return binds;
}
