import { answer, DATA, encode, keepBits, load, unless, VERDICT, when, type Instruction } from "./bpf.ts";
import { ABSENT, CREATES, FILE_TYPE, MODE_ARGUMENT, NEW_NAMESPACES, NODE_ARGUMENT, OPEN_ARGUMENTS } from "./rules.ts";
import { REFUSED, SET_ID, SOCKET_FAMILIES } from "./rules.ts";
import { LAST_KNOWN, syscallNumber, type FilterArch, type Syscall } from "./syscalls.ts";

const AUDIT_ARCH: Readonly<Record<FilterArch, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

const ALLOW = answer(VERDICT.allow);
const REFUSE = answer(VERDICT.errno(1)); // EPERM
const NO_SUCH_CALL = answer(VERDICT.errno(38)); // ENOSYS
const KILL = answer(VERDICT.killProcess);

/**
 * The system calls that QEMU may make in the jail, as a program for `bwrap --seccomp`. All but a list is allowed: what protects is the
 * namespaces; this keeps setuid, device and socket files off the host's disk and much of the kernel out of reach.
 */
export function seccompFilter(arch: FilterArch): Buffer {
  const on = (name: Syscall, then: readonly Instruction[]): Instruction[] => {
    const number = syscallNumber(name, arch);
    return number === undefined ? [] : when("jumpEqual", number, then);
  };
  return encode([
    load(DATA.arch),
    ...unless("jumpEqual", AUDIT_ARCH[arch], [KILL]),
    load(DATA.number),
    // x32 is up there too: its numbers have bit 30 set.
    ...when("jumpAbove", LAST_KNOWN, [NO_SUCH_CALL]),
    ...REFUSED.flatMap((name) => on(name, [REFUSE])),
    ...ABSENT.flatMap((name) => on(name, [NO_SUCH_CALL])),
    ...entries(MODE_ARGUMENT).flatMap(([name, mode]) => on(name, refuseSetId(mode))),
    ...entries(OPEN_ARGUMENTS).flatMap(([name, { flags, mode }]) => on(name, refuseCreatingSetId(flags, mode))),
    ...entries(NODE_ARGUMENT).flatMap(([name, mode]) => on(name, refuseNodes(mode))),
    ...on("socket", [load(DATA.argument(0)), ...SOCKET_FAMILIES.flatMap((family) => when("jumpEqual", family, [ALLOW])), REFUSE]),
    ...on("clone", [load(DATA.argument(0)), ...when("jumpAnyBit", NEW_NAMESPACES, [REFUSE]), ALLOW]),
    ALLOW,
  ]);
}

function refuseSetId(mode: number): Instruction[] {
  return [load(DATA.argument(mode)), ...when("jumpAnyBit", SET_ID, [REFUSE]), ALLOW];
}

function refuseCreatingSetId(flags: number, mode: number): Instruction[] {
  return [load(DATA.argument(flags)), ...when("jumpAnyBit", CREATES, refuseSetId(mode)), ALLOW];
}

function refuseNodes(mode: number): Instruction[] {
  return [
    load(DATA.argument(mode)),
    ...when("jumpAnyBit", SET_ID, [REFUSE]),
    keepBits(FILE_TYPE.mask),
    ...FILE_TYPE.allowed.flatMap((type) => when("jumpEqual", type, [ALLOW])),
    REFUSE,
  ];
}

function entries<V>(record: Partial<Record<Syscall, V>>): [Syscall, V][] {
  return Object.entries(record) as [Syscall, V][];
}
