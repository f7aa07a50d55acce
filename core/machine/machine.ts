import type { Duplex } from "node:stream";
import type { JailNetwork } from "./draft.ts";
import type { SaveOutcome } from "./save.ts";
import type { Holds } from "./holds.ts";
import type { SeedPort } from "./seed-port.ts";
import type { Shape } from "./template/shape.ts";

/** Why a machine is gone: we asked for it, the guest powered off, or QEMU ended by itself. */
export interface MachineEnd {
  readonly reason: "stopped" | "powered-off" | "failed";
  /** For "failed": what QEMU or the jail said last, already escaped. */
  readonly detail: string;
}

/** Does some work, and something before and after it. */
export type Around = <T>(work: () => Promise<T>) => Promise<T>;

/** One QEMU process in its jail. */
export interface Machine {
  readonly network: JailNetwork;
  /** Settles when all that the plugins want stands in that network; the guest may have its seed by then, and nothing else. Rejects with what failed. */
  readonly networkReady: Promise<void>;
  /** Which directories of the host it has, and whether it may only read them. */
  readonly shares: Shape["shares"];
  /** Settles, never rejects, when QEMU is gone for whatever reason. */
  readonly ended: Promise<MachineEnd>;
  /** The way to the guest's seed receiver. */
  readonly seedPort: SeedPort;
  /** Connections that the guest dialled for SSH, each taken once. Throws when the deadline passes or the machine ends first. */
  accept(deadlineMs: number, signal: AbortSignal): Promise<Duplex>;
  /** The last lines of the guest's console, escaped; at most 64 KiB are kept. */
  consoleTail(lines: number): string;
  /** Whether the guest's kernel said that it killed something for want of memory, and what: names, escaped. */
  outOfMemory(): readonly string[];
  /** Starts what holds paths of the shares in place; the session's end ends it. Throws HOLD_FAILED. */
  openHolds(): Promise<Holds>;
  /** Does something while the guest stands still. Throws MONITOR_FAILED. */
  paused<T>(work: () => Promise<T>): Promise<T>;
  /** Writes all of it into a folder that is empty but for room taken by `takeRoom`; the guest stands still only for what it changed meanwhile, and then goes on; that is done within `around`. Throws MONITOR_FAILED. */
  capture(folder: string, around: Around, signal: AbortSignal): Promise<SaveOutcome>;
  /** The same, and the guest does not go on. */
  save(folder: string, signal: AbortSignal): Promise<SaveOutcome>;
  /** Ends QEMU at once. Safe to call twice. */
  stop(): Promise<void>;
}
