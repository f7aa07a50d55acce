import { fail } from "./failures.ts";
import type { KeptDisk, MachineDraft, MachinePlan, NetworkStep, Share, StartStep } from "./draft.ts";

const TAG = /^[a-z0-9-]{1,31}$/;
// virtio has room for 20 bytes; "scratch" is the core's own
const SERIAL = /^(?!scratch$)[a-z0-9-]{1,20}$/;

/** Collects the devices, shares and steps that plugins ask for. */
export class MachineCollector implements MachineDraft {
  readonly #shares = new Map<string, Share>();
  readonly #disks = new Map<string, KeptDisk>();
  readonly #devices: MachinePlan["devices"][number][] = [];
  readonly #ranges = new Set<string>();
  readonly #startSteps: StartStep[] = [];
  readonly #networkSteps: NetworkStep[] = [];

  addShare(share: Share): void {
    if (!TAG.test(share.tag)) throw fail("SHARE_TAG_INVALID", { tag: share.tag });
    if (this.#shares.has(share.tag)) throw fail("SHARE_TWICE", { tag: share.tag });
    this.#shares.set(share.tag, share);
  }

  addDisk(disk: KeptDisk): void {
    if (!SERIAL.test(disk.serial) || this.#disks.has(disk.serial)) throw fail("DISK_SERIAL_INVALID", { serial: disk.serial });
    this.#disks.set(disk.serial, disk);
  }

  addDevice(kind: string, properties: Readonly<Record<string, string | number | boolean>>): void {
    this.#devices.push({ kind, properties });
  }

  addLocalRange(cidr: string): void {
    this.#ranges.add(cidr);
  }

  onStart(step: StartStep): void {
    this.#startSteps.push(step);
  }

  onNetwork(step: NetworkStep): void {
    this.#networkSteps.push(step);
  }

  /** What was asked for, in the order of asking. */
  finish(): MachinePlan {
    return {
      shares: [...this.#shares.values()],
      disks: [...this.#disks.values()],
      devices: [...this.#devices],
      localRanges: [...this.#ranges],
      startSteps: [...this.#startSteps],
      networkSteps: [...this.#networkSteps],
    };
  }
}
