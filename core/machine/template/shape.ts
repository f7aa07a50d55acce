import { statSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { hashOf } from "../../image/identity.ts";
import type { Image } from "../../image/image.ts";
import { kernelCommandLine } from "../../image/kernel-command-line.ts";
import { architecture } from "../architecture.ts";
import type { MachinePlan } from "../draft.ts";
import { boardArguments, sessionArguments, type Accelerator, type Ram } from "../qemu-arguments.ts";
import { SEED_VERSION } from "../seed.ts";

// Raised when what is frozen, or how, changes in a way that the rest does not show.
const FORMAT = 1;

/** All that two machines must have in common for one to go on where the other was frozen. Plain data. */
export interface Shape {
  readonly image: Image;
  /** Where the system lies whose QEMU is used. */
  readonly systemRoot: string;
  readonly accelerator: Accelerator;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly shares: readonly { readonly tag: string; readonly readOnly: boolean }[];
  readonly devices: MachinePlan["devices"];
  /** Size of the scratch disk; there is none when not given. */
  readonly scratchBytes?: number;
  /** Disks whose content is kept. */
  readonly kept?: readonly { readonly serial: string; readonly bytes: number }[];
  /** Whether the memory of a session's machine is kept out of swap; it is no other template for that. */
  readonly lockMemory?: boolean;
}

/** QEMU's arguments for a machine of this shape. */
export function argumentsOf(shape: Shape, ram: Ram): string[] {
  const { accelerator, cpus: count, memoryMiB, image, shares, devices, scratchBytes, kept } = shape;
  const disks = image.disks.length;
  const startsOnOne = accelerator === "tcg" && architecture().emulatedStartsOnOne;
  const board = { architecture: architecture(), accelerator, cpus: count, memoryMiB, kernelCommandLine: kernelCommandLine({ disks, startsOnOne }), ram };
  const locked = shape.lockMemory && ram !== "made" ? ["-overcommit", "mem-lock=on"] : [];
  return [...boardArguments(board), ...locked, ...sessionArguments(disks, { shares, devices, scratch: scratchBytes !== undefined, kept })];
}

/** Names the template for machines of this shape: another image, QEMU, processor, memory or device means another template. */
export function templateKey(shape: Shape): string {
  const program = join(shape.systemRoot, architecture().program);
  const facts = statSync(program, { throwIfNoEntry: false });
  const qemu = facts && [program, facts.ino, facts.size, facts.mtimeMs];
  // under KVM the guest saw the host's own processor, and its clock is the host kernel's
  const host = shape.accelerator === "kvm" ? [release(), cpus()[0]?.model, cpus().length] : [];
  return hashOf({ FORMAT, SEED_VERSION, image: shape.image.id, qemu, host, scratch: shape.scratchBytes, kept: shape.kept, argv: argumentsOf(shape, "made") });
}
