import { expect } from "chai";
import { checkLockable } from "../../../core/machine/locked-memory.ts";

const limits = (hard: string): string => `Limit                     Soft Limit           Hard Limit           Units     \nMax locked memory         8388608              ${hard}              bytes     \n`;

describe("Memory that is kept out of swap", () => {
  it("is refused with the limit and how to raise it where the host does not allow it", () => {
    expect(() => checkLockable(1024, limits("8388608"))).to.throw("needs a limit of 1792 MiB for locked memory, and yours is 8 MiB");
  });

  it("is taken where it does", () => {
    checkLockable(1024, limits("unlimited"));
    checkLockable(1024, limits(String(1792 * 1024 * 1024)));
  });
});
