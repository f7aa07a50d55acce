import type { FileHandle } from "node:fs/promises";
import type { Duplex } from "node:stream";
import type { Disposers } from "../support/disposers.ts";
import type { JailNetwork } from "./draft.ts";
import { fail } from "./failures.ts";
import type { Holds } from "./holds.ts";
import { linuxContainment } from "./jail/containment.ts";

/** What bounds the life of what is acquired. */
export interface Bounds {
  readonly scope: Disposers;
  readonly signal: AbortSignal;
}

/** A file or directory of the host, shown in the jail under another name. */
export interface JailBind {
  readonly source: string;
  /** Absolute path in the jail, one of a few constants. */
  readonly target: string;
  readonly readOnly: boolean;
}

/** A program to run in the jail, and all that it can see of the host. */
export interface JailedCommand {
  /** The program's path in the jail and its arguments, each passed as it is. */
  readonly argv: readonly string[];
  /** Where the system lies whose programs are shown as `/usr`: "/" for the host's own. */
  readonly systemRoot: string;
  readonly binds: readonly JailBind[];
  /** Device files of the host, such as "/dev/kvm". */
  readonly devices: readonly string[];
  /** How many byte streams to give it, as descriptors 3, 4 and so on. */
  readonly channels: number;
}

/** How a jailed program ended. */
export interface JailedEnd {
  readonly status: number | undefined;
  readonly signal: string | undefined;
  /** The end of what it or the jail said on stderr, escaped. */
  readonly lastWords: string;
}

/** What the owner of a jail sees of its program from outside. */
export interface Peek {
  /** All of its memory, at the addresses that it knows itself. Reading only. */
  memory(): Promise<FileHandle>;
  /** Which of its pages hold something: `pagemap` of proc(5). */
  pagemap(): Promise<FileHandle>;
  /** A file of this name in its `/tmp`, of at most so many bytes; throws when it is none. */
  fileInTmp(name: string, mostBytes: number): Promise<Buffer>;
}

/** A running program in the jail. */
export interface Jailed {
  /** Our ends of its byte streams, in order. */
  readonly channels: readonly Duplex[];
  /** Settles, never rejects, when every process of the jail is gone. */
  readonly ended: Promise<JailedEnd>;
  /** Looks from outside whether the jail is what it must be; throws JAIL_UNPROVEN naming what is not. */
  prove(): void;
  /** Starts what holds paths of the shares in place, for the program and nobody else; the scope ends it. Throws HOLD_FAILED. */
  openHolds(bounds: Bounds): Promise<Holds>;
  /** Opens the view on the program from outside. */
  peek(): Peek;
  /** Ends every process of the jail at once. */
  kill(): Promise<void>;
}

/** A place for one machine: a network with no way out, and jails inside it. */
export interface Cell {
  readonly network: JailNetwork;
  /** Starts a program in a jail of its own; the scope ends it. */
  launch(command: JailedCommand, bounds: Bounds): Promise<Jailed>;
}

/** The port by which machines are shut in; another kind of host gets another implementation. */
export interface Containment {
  /** Makes a cell in whose network every address of the ranges (CIDR) is local; the scope ends it. */
  openCell(localRanges: readonly string[], bounds: Bounds): Promise<Cell>;
}

/** What this kind of host can shut a machine in with; throws CONTAINMENT_NONE where there is nothing, so that nothing starts. */
export function hostContainment(platform: string = process.platform, arch: string = process.arch): Containment {
  if (platform !== "linux" || (arch !== "x64" && arch !== "arm64")) throw fail("CONTAINMENT_NONE", { platform, arch });
  return linuxContainment(arch);
}
