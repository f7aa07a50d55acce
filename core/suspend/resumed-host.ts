import { existsSync } from "node:fs";
import type { MachinePlan } from "../machine/draft.ts";
import { templateKey } from "../machine/template/shape.ts";
import type { Host } from "../session.ts";
import { fail } from "./failures.ts";
import { discardSuspended, readState, type Suspended } from "./store.ts";
import type { Inside } from "./suspension.ts";

/** What a host needs beside the suspended session. */
export interface Resuming {
  readonly stateDir: string;
  readonly bootDeadlineMs: number;
  onEntered(inside: Inside): void;
}

/** A host whose machine goes on where a suspended session left it, instead of starting; what it went on from is then removed. */
export function resumedHost(host: Host, suspended: Suspended, { stateDir, bootDeadlineMs, onEntered }: Resuming): Host {
  const { name, machine, machineKey, keys } = suspended;
  const { shape } = machine;
  return {
    ...host,
    isResumed: true,
    async buildImage() {
      const gone = [shape.image.kernel, shape.image.initrd, ...shape.image.disks].some((path) => !existsSync(path));
      if (gone) throw fail("SUSPENDED_OTHER", { name, what: "its image is not in the cache any more" });
      return shape.image;
    },

    async startMachine(image, plan, acting) {
      if (templateKey(shape) !== machineKey) throw fail("SUSPENDED_OTHER", { name, what: "QEMU or cloche is another one than it was suspended with" });
      if (!fits(plan, shape)) throw fail("SUSPENDED_OTHER", { name, what: "the plugins ask for other devices or shares than it was suspended with" });
      acting.progress.step("Taking the machine up again");
      const state = await readState(stateDir, name);
      const { startMachine } = await import("../machine/start.ts");
      const { cpus, memoryMiB, accelerator: accel, systemRoot: qemuRoot } = shape;
      const options = { cpus, memoryMiB, accel, qemuRoot, template: "off", onBoot() {}, async onEmulation() {} } as const;
      return await startMachine(image, plan, { ...options, moved: { ...machine, state } }, acting);
    },

    async enterGuest(entered, acting) {
      const { reenterGuest } = await import("../machine/guest-enter.ts");
      return await reenterGuest(entered, keys, { deadlineMs: bootDeadlineMs, onEntered }, acting);
    },

    async openControl(...given) {
      await host.openControl(...given);
      await discardSuspended(stateDir, name); // it is in use again, and would be another one's past if it were used twice
    },
  };
}

function fits(plan: MachinePlan, shape: Suspended["machine"]["shape"]): boolean {
  const shares = plan.shares.map(({ tag, readOnly }) => ({ tag, readOnly }));
  return JSON.stringify(shares) === JSON.stringify(shape.shares) && JSON.stringify(plan.devices) === JSON.stringify(shape.devices);
}
