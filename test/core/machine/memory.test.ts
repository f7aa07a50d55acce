import { expect } from "chai";
import { defaultMemoryMiB } from "../../../core/machine/memory.ts";

const GIB = 1024 ** 3;

describe("the memory of a machine", () => {
  it("is half the host's, at most 8 GiB", () => {
    expect(defaultMemoryMiB(4 * GIB)).to.equal(2048);
    expect(defaultMemoryMiB(64 * GIB)).to.equal(8192);
    expect(defaultMemoryMiB(3 * GIB + 12345)).to.equal(1536);
  });

  it("is a whole number of MiB on this host too", () => {
    expect(defaultMemoryMiB()).to.satisfy(Number.isInteger).and.to.be.within(64, 8192);
  });
});
