import type { Disposers } from "../support/disposers.ts";

/** A host directory lent to the guest over virtio-9p. */
export interface Share {
  /** 9p mount tag and name of the constant path in the jail; `[a-z0-9-]+`, unique. */
  readonly tag: string;
  /** Absolute host path; it may hold any character. */
  readonly source: string;
  readonly readOnly: boolean;
}

/** What a machine finds on a disk that is kept: what an earlier one left, nothing yet, or nothing because another machine has it. */
export type DiskFound = "kept" | "new" | "in use";

/** A disk whose content stays on the host from one machine to the next. Guests alone read it: it is a file for everybody else. */
export interface KeptDisk {
  /** Its serial number, by which the guest finds it, and the name of its constant path in the jail; `[a-z0-9-]{1,20}`, unique. */
  readonly serial: string;
  /** Size of the disk; the file is sparse. */
  readonly bytes: number;
  /** The option by which the user asked for it. */
  readonly setting: string;
  /** Where the file is on the host, in a private directory that is there; asked when a machine is about to have it. */
  file(): string;
  /** Hears what is on it. */
  onOpened(state: DiskFound): void;
}

/** The network namespace that QEMU lives in: only `lo`, no way out but the listeners that somebody opens in it. */
export interface JailNetwork {
  /** Command and arguments to put before another command to run it inside the namespace. */
  readonly enter: readonly string[];
}

/** Runs when all plugins have said what they need; what it acquires it gives to the scope. */
export type StartStep = (scope: Disposers) => Promise<void>;

/** Runs when the jail's network exists, and is done before anything is prepared in the guest; what it acquires it gives to the scope. */
export type NetworkStep = (network: JailNetwork, scope: Disposers) => Promise<void>;

/** What the `boot` hook hands to plugins: devices, shares and listeners that the machine will have. It only grows. */
export interface MachineDraft {
  addShare(share: Share): void;
  addDisk(disk: KeptDisk): void;
  /** One `-device`; commas in values are data. */
  addDevice(kind: string, properties: Readonly<Record<string, string | number | boolean>>): void;
  /** Makes every address of the range (CIDR) local to the jail's network, so that listeners there receive what the guest sends to it. */
  addLocalRange(cidr: string): void;
  /** For what takes a while and needs neither the jail's network nor the machine: it is done beside their start, and before any `onNetwork`. */
  onStart(step: StartStep): void;
  onNetwork(step: NetworkStep): void;
}

/** The finished draft. */
export interface MachinePlan {
  readonly shares: readonly Share[];
  readonly disks: readonly KeptDisk[];
  readonly devices: readonly { readonly kind: string; readonly properties: Readonly<Record<string, string | number | boolean>> }[];
  readonly localRanges: readonly string[];
  readonly startSteps: readonly StartStep[];
  readonly networkSteps: readonly NetworkStep[];
}
