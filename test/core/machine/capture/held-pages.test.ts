import { expect } from "chai";
import { extentsOf, union } from "../../../../core/machine/capture/held-pages.ts";

const BLOCK = 64 * 1024;
const PRESENT = 0b1000_0000;
const SWAPPED = 0b0100_0000;
const FILE_PAGE = 0b0010_0000;

describe("The pages that a machine's memory holds", () => {
  /** A `pagemap` of so many pages, in which these have this in the last byte of their entry. */
  const pagemap = (count: number, pages: Readonly<Record<number, number>>): Buffer => {
    const entries = Buffer.alloc(count * 8);
    for (const [page, byte] of Object.entries(pages)) entries[Number(page) * 8 + 7] = byte;
    return entries;
  };

  it("are told in stretches of whole blocks, those in swap among them", () => {
    expect(extentsOf(pagemap(64, {}))).to.deep.equal([]);
    expect(extentsOf(pagemap(64, { 0: PRESENT, 15: PRESENT, 16: SWAPPED, 63: PRESENT }))).to.deep.equal([[0, 2 * BLOCK], [3 * BLOCK, BLOCK]]);
    expect(extentsOf(pagemap(20, { 17: PRESENT | FILE_PAGE }))).to.deep.equal([[BLOCK, 4 * 4096]]);
    expect(extentsOf(pagemap(16, { 3: FILE_PAGE }))).to.deep.equal([]);
  });

  it("are joined with what the file holds that the memory was mapped from", () => {
    expect(union([[0, 10], [30, 10]], [[5, 10], [50, 1]])).to.deep.equal([[0, 15], [30, 10], [50, 1]]);
    expect(union([[10, 30]], [[12, 2], [40, 5]])).to.deep.equal([[10, 35]]);
    expect(union([], [])).to.deep.equal([]);
  });
});
