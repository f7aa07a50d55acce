import { expect } from "chai";
import { checkLockable } from "../../../core/machine/locked-memory.ts";

const MIB = 1024 * 1024;
const limits = (hard: string): string => `Limit                     Soft Limit           Hard Limit           Units     \nMax locked memory         8388608              ${hard}              bytes     \n`;

describe("Memory that is kept out of swap", () => {
  it("is refused with the limit and how to raise it where the host does not allow it", () => {
    expect(() => checkLockable({ memoryMiB: 1024, cpus: 2, accelerator: "kvm" }, limits("8388608"))).to.throw("needs a limit of 2048 MiB for locked memory, and yours is 8 MiB");
    expect(() => checkLockable({ memoryMiB: 1024, cpus: 2, accelerator: "tcg" }, limits(String(3071 * MIB)))).to.throw("needs a limit of 3072 MiB");
  });

  it("is taken where it does", () => {
    checkLockable({ memoryMiB: 1024, cpus: 2, accelerator: "tcg" }, limits("unlimited"));
    checkLockable({ memoryMiB: 1024, cpus: 2, accelerator: "tcg" }, limits(String(3072 * MIB)));
  });
});
