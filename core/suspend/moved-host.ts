import { existsSync } from "node:fs";
import { loadToHold } from "../load-ahead.ts";
import type { MachinePlan } from "../machine/draft.ts";
import type { Template } from "../machine/template/find.ts";
import { templateKey } from "../machine/template/shape.ts";
import type { Host } from "../session.ts";
import { fail, named, type SavedKind } from "./failures.ts";
import { discardSaved, frozenOf, type Saved } from "./store.ts";
import type { Inside } from "./suspension.ts";

/** A session on the disk, to go on from. */
export interface Moved {
  readonly kind: SavedKind;
  readonly saved: Saved;
}

/** What a host needs beside that. */
export interface Moving {
  readonly stateDir: string;
  /** The name of the session that goes on. */
  readonly name: string;
  readonly bootDeadlineMs: number;
  onEntered?: ((inside: Inside) => void) | undefined;
}

/** The machine that goes on; throws SAVED_OTHER or SAVED_DAMAGED when none can go on from it here. */
export async function checkMoved({ kind, saved }: Moved, stateDir: string, signal: AbortSignal): Promise<Template> {
  const { name, machine } = saved;
  checkImage({ kind, saved });
  if (templateKey(machine.shape) !== machine.key) throw fail("SAVED_OTHER", { ...named(kind, name), reason: "QEMU or cloche is another one than it was made with" });
  return await frozenOf(stateDir, kind, saved, signal);
}

/**
 * A host whose machine goes on where one was saved, instead of starting. A suspended session goes on as itself, and what it went on from
 * is then removed; what goes on from a snapshot is a copy, which is given a seed of its own.
 */
export function movedHost(host: Host, moved: Moved, { stateDir, name: session, bootDeadlineMs, onEntered }: Moving): Host {
  const { kind, saved } = moved;
  const { name, machine, keys } = saved;
  const { shape } = machine;
  return {
    ...host,
    isResumed: true,
    async buildImage() {
      checkImage(moved);
      return shape.image;
    },

    async startMachine(image, plan, acting) {
      const frozen = await checkMoved(moved, stateDir, acting.signal);
      if (!fits(plan, shape)) throw fail("SAVED_OTHER", { ...named(kind, name), reason: "the plugins ask for other devices or shares than it was made with" });
      acting.progress.step("Taking the machine up again");
      const { startMachine } = await import("../machine/start.ts");
      const { cpus, memoryMiB, accelerator: accel, systemRoot: qemuRoot } = shape;
      const options = { cpus, memoryMiB, accel, qemuRoot, template: "off", bootDeadlineMs, onBoot() {}, async onEmulation() {}, onStarted: () => void loadToHold() } as const;
      return await startMachine(image, plan, { ...options, moved: { shape, frozen, isOwn: kind === "suspended" } }, acting);
    },

    async enterGuest(entered, acting) {
      const { enterCopy, reenterGuest } = await import("../machine/guest-enter.ts");
      if (kind === "suspended") return await reenterGuest(entered, { keys, done: new Map(Object.entries(saved.done ?? {})) }, { deadlineMs: bootDeadlineMs, onEntered }, acting);
      return await enterCopy(entered, { hostname: session, deadlineMs: bootDeadlineMs, onEntered }, acting);
    },

    async openControl(...given) {
      await host.openControl(...given);
      // it is in use again, and would be another one's past if it were used twice
      if (kind === "suspended") await discardSaved(stateDir, kind, name);
    },
  };
}

function checkImage({ kind, saved: { name, machine } }: Moved): void {
  const { kernel, initrd, disks } = machine.shape.image;
  if ([kernel, initrd, ...disks].some((path) => !existsSync(path))) throw fail("SAVED_OTHER", { ...named(kind, name), reason: "its image is not in the cache any more" });
}

function fits(plan: MachinePlan, shape: Saved["machine"]["shape"]): boolean {
  const shares = plan.shares.map(({ tag, readOnly }) => ({ tag, readOnly }));
  return JSON.stringify(shares) === JSON.stringify(shape.shares) && JSON.stringify(plan.devices) === JSON.stringify(shape.devices) && plan.disks.length === 0;
}
