import { expect } from "chai";
import { VERDICT } from "../../../core/machine/seccomp/bpf.ts";
import { seccompFilter } from "../../../core/machine/seccomp/filter.ts";
import { ABSENT, REFUSED } from "../../../core/machine/seccomp/rules.ts";
import { syscallNumber, SYSCALLS, type FilterArch, type Syscall } from "../../../core/machine/seccomp/syscalls.ts";
import { runFilter } from "./bpf-machine.ts";

const ARCH = { x64: 0xc000003e, arm64: 0xc00000b7 } as const;
const ALLOW = VERDICT.allow;
const EPERM = VERDICT.errno(1);
const ENOSYS = VERDICT.errno(38);
const KILL = VERDICT.killProcess;
const HIGH = 0xdeadbeef00000000n;

for (const arch of ["x64", "arm64"] as const satisfies readonly FilterArch[]) {
  const filter = seccompFilter(arch);
  const verdict = (name: Syscall, ...args: (number | bigint)[]): number | undefined => {
    const number = syscallNumber(name, arch);
    return number === undefined ? undefined : runFilter(filter, { arch: ARCH[arch], number, args });
  };

  describe(`the seccomp filter for ${arch}`, () => {
    it("fits what the kernel takes", () => {
      expect(filter.length % 8).to.equal(0);
      expect(filter.length / 8).to.be.within(50, 4096);
    });

    it("lets ordinary calls through, and kills those of another architecture", () => {
      const read = arch === "x64" ? 0 : 63;
      expect(runFilter(filter, { arch: ARCH[arch], number: read })).to.equal(ALLOW);
      for (const foreign of [0x40000003, 0xc000003e, 0xc00000b7, 0].filter((mark) => mark !== ARCH[arch])) {
        expect(runFilter(filter, { arch: foreign, number: read })).to.equal(KILL);
      }
    });

    it("knows no call of x32 and none that came after its table", () => {
      for (const number of [0x40000000, 0x40000101, 463, 500, 0xffffffff]) expect(runFilter(filter, { arch: ARCH[arch], number })).to.equal(ENOSYS);
    });

    it("answers each call of its two lists, whatever the arguments", () => {
      for (const name of REFUSED) expect(verdict(name, 1, 2, 3), name).to.be.oneOf([EPERM, undefined]);
      for (const name of ABSENT) expect(verdict(name, 1, 2, 3), name).to.equal(ENOSYS);
    });

    it("refuses modes with setuid or setgid, and no others", () => {
      const calls: [Syscall, (mode: number) => (number | bigint)[]][] = [
        ["chmod", (mode) => [1, mode]],
        ["fchmod", (mode) => [1, mode]],
        ["fchmodat", (mode) => [1, 2, mode]],
        ["fchmodat2", (mode) => [1, 2, mode]],
        ["mkdir", (mode) => [1, mode]],
        ["mkdirat", (mode) => [1, 2, mode]],
        ["creat", (mode) => [1, mode]],
        ["mknod", (mode) => [1, mode]],
        ["mknodat", (mode) => [1, 2, mode]],
        ["open", (mode) => [1, 0o102, mode]],
        ["openat", (mode) => [1, 2, 0o102, mode]],
        ["openat", (mode) => [1, 2, 0o20200002, mode]],
      ];
      for (const [name, args] of calls) {
        for (const mode of [0o4755, 0o2755, 0o6000, 0o4000, 0o7777]) expect(verdict(name, ...args(mode)), `${name} ${mode}`).to.be.oneOf([EPERM, undefined]);
        for (const mode of [0o755, 0o1777, 0]) expect(verdict(name, ...args(mode)), `${name} ${mode}`).to.be.oneOf([ALLOW, undefined]);
        expect(verdict(name, ...args(0o644).map((value) => HIGH | BigInt(value))), `${name} with high bits`).to.be.oneOf([ALLOW, undefined]);
      }
    });

    it("does not mind a mode that `open` ignores, for it is left over in the register", () => {
      expect(verdict("openat", 1, 2, 0, 0o4755)).to.equal(ALLOW);
    });

    it("lets regular files and pipes be made, and no other kind", () => {
      for (const type of [0, 0o100000, 0o010000]) expect(verdict("mknodat", 1, 2, type | 0o644)).to.equal(ALLOW);
      for (const type of [0o020000, 0o060000, 0o140000, 0o040000, 0o120000, 0o110000, 0o170000]) expect(verdict("mknodat", 1, 2, type | 0o644)).to.equal(EPERM);
    });

    it("gives sockets of IPv4 and IPv6 only", () => {
      expect([2, 10].map((family) => verdict("socket", family, 1, 0))).to.deep.equal([ALLOW, ALLOW]);
      for (const family of [0, 1, 3, 15, 16, 17, 38, 40, 44]) expect(verdict("socket", family, 1, 0), `${family}`).to.equal(EPERM);
      expect(verdict("socket", HIGH | 1n, 1, 0)).to.equal(EPERM);
    });

    it("lets threads and children be made, but no namespace", () => {
      expect(verdict("clone", 0x3d0f00)).to.equal(ALLOW); // what pthread_create uses
      expect(verdict("clone", 17)).to.equal(ALLOW);
      for (const bit of [17, 25, 26, 27, 28, 29, 30]) expect(verdict("clone", 2 ** bit + 17), `bit ${bit}`).to.equal(EPERM);
    });
  });
}

describe("the table of system calls", () => {
  it("names each number once", () => {
    for (const index of [0, 1]) {
      const numbers = Object.values(SYSCALLS).flatMap((pair: readonly number[]) => pair[index] ?? []);
      expect(new Set(numbers).size).to.equal(numbers.length);
    }
  });
});
