import { failures } from "../support/errors.ts";

/** How starting and reaching a machine can fail. */
export const fail = failures({
  SHARE_TAG_INVALID: (f: { tag: string }) => ({
    message: `"${f.tag}" is not a name for a share.`,
    hint: "Use up to 31 small letters, digits and dashes.",
  }),
  SHARE_TWICE: (f: { tag: string }) => ({
    message: `Two plugins share a directory under the name "${f.tag}".`,
    hint: "Give one of them another name.",
  }),
  TOOL_MISSING: (f: { name: string }) => ({
    message: `The program "${f.name}" is not on this system.`,
    hint: "`cloche doctor --fix` installs what is missing.",
  }),
  NETWORK_FAILED: (f: { detail: string }) => ({
    message: `The jail's network could not be made: ${f.detail}`,
    hint: "`cloche doctor` says what this system refuses.",
  }),
  NAMESPACES_REFUSED: (f: { why: string; hint: string; detail: string }) => ({
    message: `Machines cannot be shut in on this host: ${f.why}. It said: ${f.detail}`,
    hint: f.hint,
  }),
  DOORWAY_FAILED: (f: { what: string; detail: string }) => ({
    message: `Could not open ${f.what} inside the jail: ${f.detail}`,
    hint: "Look whether two rules or plugins want the same port; `DEBUG=cloche:*` shows more.",
  }),
  SCRATCH_IN_MEMORY: (f: { directory: string }) => ({
    message: `The scratch disk cannot lie in ${f.directory}: that directory is kept in memory.`,
    hint: "Name a directory on a disk with machine.scratchDirectory.",
  }),
  SCRATCH_FAILED: (f: { directory: string; reason: string }) => ({
    message: `The scratch disk could not be made in ${f.directory}: ${f.reason}.`,
    hint: "Make room there, or name another directory with machine.scratchDirectory.",
  }),
  DISK_SERIAL_INVALID: (f: { serial: string }) => ({
    message: `"${f.serial}" is not a name for a disk, or another plugin has taken it.`,
    hint: "Use up to 20 small letters, digits and dashes.",
  }),
  KEPT_DISK_FAILED: (f: { file: string; setting: string; reason: string }) => ({
    message: `The disk that is kept in ${f.file} could not be made: ${f.reason}.`,
    hint: `Make room there, or leave out ${f.setting}.`,
  }),
  EMULATION_DECLINED: (f: { reason: string }) => ({
    message: `Nothing was started: there is no hardware acceleration (${f.reason}), and you declined software emulation.`,
    hint: "`cloche doctor` says what this host lacks for hardware acceleration.",
  }),
  CONTAINMENT_NONE: (f: { platform: string; arch: string }) => ({
    message: `Machines cannot be shut in on this kind of system (${f.platform}, ${f.arch}), so nothing was started.`,
    hint: "Use Linux with user namespaces on x64 or arm64; a virtual machine with Linux will do.",
  }),
  JAIL_FAILED: (f: { detail: string }) => ({
    message: `The jail could not be made: ${f.detail}`,
    hint: "`cloche doctor` says what this system refuses; a directory that you cannot read cannot be shared.",
  }),
  JAIL_UNPROVEN: (f: { check: string; found: string }) => ({
    message: `The machine was stopped before its guest ran: its jail is not what it must be (${f.check}: ${f.found}).`,
    hint: "Please report this with the output of `cloche doctor --report`; it must never happen.",
  }),
  HOLD_FAILED: (f: { detail: string }) => ({
    message: `The share's files could not be protected from the guest: ${f.detail}`,
    hint: "It takes Linux 5.12 or later and perl; `cloche doctor` says more.",
  }),
  QEMU_MISSING: (f: { program: string }) => ({
    message: `QEMU is not installed: there is no ${f.program}.`,
    hint: "`cloche doctor --fix` installs what is missing.",
  }),
  QEMU_FAILED: (f: { detail: string }) => ({
    message: `QEMU did not start:\n${f.detail}`,
    hint: "`DEBUG=cloche:*` shows how it was called.",
  }),
  MEMORY_MISSING: (f: { detail: string }) => ({
    message: `The host has not enough memory for the machine:\n${f.detail}`,
    hint: "Choose a smaller `machine.memory`, or end other programs.",
  }),
  MEMORY_NOT_LOCKABLE: (f: { limitBytes: number; neededMiB: number }) => ({
    message: `machine.lockMemory needs a limit of ${f.neededMiB} MiB for locked memory, and yours is ${Math.floor(f.limitBytes / 2 ** 20)} MiB.`,
    hint: "Raise it (memlock in /etc/security/limits.conf, then log in anew), choose a smaller `machine.memory`, or encrypt the host's swap and leave machine.lockMemory off.",
  }),
  MONITOR_FAILED: (f: { what: string; detail: string }) => ({
    message: `QEMU's monitor failed at ${f.what}: ${f.detail}`,
    hint: "`DEBUG=cloche:*` shows more.",
  }),
  MACHINE_ENDED: (f: { reason: string; detail: string }) => ({
    message: `The machine ended (${f.reason})${f.detail === "" ? "" : `:\n${f.detail}`}`,
    hint: "The end of the guest's console, with `DEBUG=cloche:*`, may tell why.",
  }),
  GUEST_NOT_DIALLED: (f: { seconds: number }) => ({
    message: `The guest did not dial within ${f.seconds} s.`,
    hint: "The end of the guest's console, with `DEBUG=cloche:*`, may tell why.",
  }),
  TEMPLATE_DAMAGED: (f: { key: string; reason: string }) => ({
    message: `The template ${f.key} cannot be used: ${f.reason}.`,
    hint: "It is made again by itself; `cloche build` does it now.",
  }),
  ACCEL_UNAVAILABLE: (f: { reason: string }) => ({
    message: `Hardware acceleration is demanded (machine.accel: kvm), but ${f.reason}.`,
    hint: "`cloche doctor` says how to get it; `machine.accel: auto` runs under software emulation instead.",
  }),
});
