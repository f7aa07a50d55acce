import { expect } from "chai";
import { onSmallDisk } from "../../../support/small-disk.ts";

const MB = 1024 * 1024;
const SIZE = 16 * MB;
const PRELUDE = `
import { readdirSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
const { openReserve, takeRoom } = await import(process.argv[1] + "core/machine/capture/reserve.ts");
const { copyMemory } = await import(process.argv[1] + "core/machine/capture/copy-memory.ts");
const folder = process.argv[2];
const bytes = 12 * ${MB};
// a program whose memory is full of ones
const peek = { async memory() { return { async read(into, at, length) { into.fill(1, at, at + length); return { bytesRead: length }; }, async [Symbol.asyncDispose]() {} }; } };
const fill = async () => { for (let file = 0; ; file += 1) try { await writeFile(folder + "/fill" + file, Buffer.alloc(64 * 1024, 1)); } catch (error) { return error.code; } };
const copy = async () => {
  const reserve = await openReserve(folder);
  try {
    await copyMemory(peek, { address: 0, bytes, extents: [[0, bytes]] }, folder + "/memory", reserve, new AbortController().signal);
    return "copied";
  } catch (error) { return error.code; } finally { await reserve.end(); }
};
const left = () => readdirSync(folder).filter((name) => !name.startsWith("fill"));
`;

describe("The room for a machine that is copied to the disk", () => {
  it("is refused where there is less, and nothing of it is left", () => {
    const told = onSmallDisk(SIZE, `${PRELUDE} const said = await takeRoom(folder, ${SIZE} + 1).then(() => "", (error) => error.message); console.log(JSON.stringify([said, left()]));`);
    expect(told).to.deep.equal(["fallocate: fallocate failed: No space left on device", []]);
  });

  it("is there when the disk gets full meanwhile, and is given back to the last byte", () => {
    const told = onSmallDisk(SIZE, `${PRELUDE} await takeRoom(folder, bytes); console.log(JSON.stringify([await fill(), await copy(), left()]));`);
    expect(told).to.deep.equal(["ENOSPC", "copied", ["memory"]]);
  });

  it("would not be there if it had not been taken", () => {
    expect(onSmallDisk(SIZE, `${PRELUDE} console.log(JSON.stringify([await fill(), await copy()]));`)).to.deep.equal(["ENOSPC", "ENOSPC"]);
  });
});
