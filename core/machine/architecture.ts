/** What QEMU is called with on a kind of host; the guest is of the same kind. */
export interface Architecture {
  /** QEMU's path below the system's root. */
  readonly program: string;
  /** `-M`, with as few devices of the board as it allows. */
  readonly machine: string;
  /** Where the guest finds the first byte of its memory. */
  readonly memoryStart: number;
  /** `-cpu` under software emulation. */
  readonly emulatedCpu: string;
  /** Devices of this kind of board: on x64 the one by which a kernel sees that it is a copy, and makes its random numbers anew. */
  readonly devices: readonly string[];
  /** Whether a machine whose memory is there already needs no kernel any more: QEMU would hold 12 MB of it and the first file system. */
  readonly goesOnWithoutKernel: boolean;
  /** Whether an emulated guest's kernel starts on one processor, and `init` adds the others: QEMU before 8.1 may go on running old code when the kernel patches it while others run. */
  readonly emulatedStartsOnOne: boolean;
}

const BY_NAME: Readonly<Record<string, Architecture>> = {
  x64: {
    program: "/usr/bin/qemu-system-x86_64",
    machine: "q35,sata=off,smbus=off,usb=off,vmport=off,smm=off,graphics=off,i8042=off,dump-guest-core=off",
    memoryStart: 0,
    // A processor that says its string instructions are fast has the kernel and the C library copy by `rep movsb`, which emulation does
    // byte by byte: copies took four to seven times as long, and a boot half as long again.
    emulatedCpu: "max,erms=off,fsrm=off",
    devices: ["vmgenid,guid=auto"],
    goesOnWithoutKernel: true,
    emulatedStartsOnOne: true,
  },
  arm64: { program: "/usr/bin/qemu-system-aarch64", machine: "virt,gic-version=max,dump-guest-core=off", memoryStart: 0x4000_0000, emulatedCpu: "max", devices: [], goesOnWithoutKernel: false, emulatedStartsOnOne: false },
};

/** What QEMU needs on this host's kind of processor, as Node names it. */
export function architecture(name: string = process.arch): Architecture {
  const found = BY_NAME[name];
  if (!found) throw new Error(`the containment let ${name} through, and there is no machine for it`);
  return found;
}
