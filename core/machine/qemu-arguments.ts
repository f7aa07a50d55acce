import type { Architecture } from "./architecture.ts";
import type { KeptDisk, MachinePlan, Share } from "./draft.ts";
import { keptDiskPath } from "./kept-disk.ts";
import { qemuValue, type QemuProperties } from "./qemu-value.ts";
import { SCRATCH } from "./scratch.ts";

/** The two ways to run a guest: by the processor, or by software. */
export type Accelerator = "kvm" | "tcg";

/** Byte streams between us and QEMU, in the order of their descriptors. */
export const CHANNELS = { monitor: 3, console: 4, seed: 5, state: 6 } as const;

/** How many of them every machine has; one that goes on from a template has its state too. */
export const CHANNEL_COUNT = 3;

/** Where the file of a template's memory lies in the jail. */
export const RAM_PATH = "/state/ram";

/**
 * Where a machine's memory is: QEMU's own; a file that is being made (written through); a template's file that nobody may write, or a
 * copy of one, both mapped so that what the guest writes stays in QEMU. QEMU opens the copy for writing all the same.
 */
export type Ram = "own" | "made" | "template" | "copy";

/** Where the image lies in the jail. */
export const IMAGE_PATHS = { kernel: "/image/kernel", initrd: "/image/initrd", disk: (index: number): string => `/image/disk${index}` } as const;

/** What every machine has in common. */
export interface Board {
  readonly architecture: Architecture;
  readonly accelerator: Accelerator;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly kernelCommandLine: string;
  /** QEMU's own when not given. */
  readonly ram?: Ram;
}

/** Where a share lies in the jail. */
export function sharePath({ tag }: Pick<Share, "tag">): string {
  return tag === "project" ? "/project" : `/shares/${tag}`;
}

/** QEMU with nothing but a processor, memory, a kernel, a monitor and a console. It waits for `cont` before it runs the guest. */
export function boardArguments(board: Board): string[] {
  const { architecture, accelerator } = board;
  return [
    architecture.program,
    ...["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-S"],
    ...["-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"],
    ...["-M", board.ram === undefined || board.ram === "own" ? architecture.machine : `${architecture.machine},memory-backend=ram`, "-accel", accelerator, "-cpu", accelerator === "kvm" ? "host" : architecture.emulatedCpu],
    ...["-smp", `${board.cpus}`, "-m", `${board.memoryMiB}M`, ...ramArguments(board)],
    ...kernelArguments(board),
    ...[...channel("monitor"), "-mon", qemuValue("monitor", { mode: "control" })],
    ...device("virtio-serial-pci", { max_ports: 3 }),
    ...[...channel("console"), ...device("virtconsole", { chardev: "console" })],
    ...architecture.devices.flatMap((kind) => ["-device", kind]),
  ];
}

/** What plugins added to a machine. */
export interface SessionDevices {
  readonly shares: readonly Pick<Share, "tag" | "readOnly">[];
  readonly devices: MachinePlan["devices"];
  /** Whether there is a disk for bulk data besides the image's. */
  readonly scratch?: boolean;
  /** Disks whose content is kept. */
  readonly kept?: readonly Pick<KeptDisk, "serial">[] | undefined;
}

/** What a session's machine has beyond the board: the image's disks, the seed port, entropy, a network card, shares, the plan's devices. */
export function sessionArguments(disks: number, { shares, devices, scratch, kept = [] }: SessionDevices): string[] {
  return [
    ...Array.from({ length: disks }, (_, index) => diskArguments(index)).flat(),
    ...[...channel("seed"), ...device("virtserialport", { chardev: "seed", name: "cloche.seed" })],
    ...["-object", "rng-builtin,id=entropy", ...device("virtio-rng-pci", { rng: "entropy" })],
    ...["-netdev", "user,id=net,ipv6=off", ...device("virtio-net-pci", { netdev: "net", romfile: "" })],
    ...shares.flatMap(shareArguments),
    ...devices.flatMap(({ kind, properties }) => device(kind, properties)),
    ...(scratch ? writableDisk(SCRATCH.serial, SCRATCH.path, "off") : []),
    ...kept.flatMap((disk) => writableDisk(disk.serial, keptDiskPath(disk), "on")),
  ];
}

/** Whether the memory that a machine gets was written by another, which it goes on from. */
function goesOn({ ram }: Board): boolean {
  return ram === "template" || ram === "copy";
}

function kernelArguments(board: Board): string[] {
  if (goesOn(board) && board.architecture.goesOnWithoutKernel) return [];
  return ["-kernel", IMAGE_PATHS.kernel, "-initrd", IMAGE_PATHS.initrd, "-append", board.kernelCommandLine];
}

function ramArguments(board: Board): string[] {
  const { ram = "own", memoryMiB } = board;
  if (ram === "own") return [];
  const file = { id: "ram", "size": `${memoryMiB}M`, "mem-path": RAM_PATH, "share": ram === "made" };
  const readOnly = ram === "template" ? { readonly: true, rom: "off" } : {};
  const incoming = goesOn(board) ? ["-incoming", "defer"] : [];
  return ["-object", qemuValue("memory-backend-file", { ...file, ...readOnly }), ...incoming];
}

function channel(name: keyof typeof CHANNELS): string[] {
  return ["-chardev", qemuValue("socket", { id: name, fd: CHANNELS[name] })];
}

function device(kind: string, properties: QemuProperties): string[] {
  return ["-device", qemuValue(kind, properties)];
}

function diskArguments(index: number): string[] {
  const id = `disk${index}`;
  const file = { "driver": "file", "filename": IMAGE_PATHS.disk(index), "locking": "off" };
  const node = { "driver": "raw", "node-name": id, "read-only": true, "auto-read-only": false, file };
  return ["-blockdev", JSON.stringify(node), ...device("virtio-blk-pci", { drive: id })];
}

/** A host's disk that fills up is for the guest an error of its disk, rather than a machine that stands still. */
function writableDisk(serial: string, filename: string, locking: "on" | "off"): string[] {
  const file = { "driver": "file", filename, locking, "discard": "unmap" };
  const node = { "driver": "raw", "node-name": serial, "discard": "unmap", file };
  const properties = { drive: serial, serial, werror: "report", rerror: "report" };
  return ["-blockdev", JSON.stringify(node), ...device("virtio-blk-pci", properties)];
}

function shareArguments(share: Pick<Share, "tag" | "readOnly">, index: number): string[] {
  const id = `share${index}`;
  const fsdev = { id, path: sharePath(share), security_model: "none", multidevs: "remap", readonly: share.readOnly };
  return ["-fsdev", qemuValue("local", fsdev), ...device("virtio-9p-pci", { fsdev: id, mount_tag: share.tag })];
}
