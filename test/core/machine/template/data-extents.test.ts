import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { dataExtents } from "../../../../core/machine/template/data-extents.ts";
import { MIB, UNBOUND } from "./support.ts";

const BLOCK = 64 * 1024;

describe("What of a sparse file holds data", () => {
  let folder: string;
  let file: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "cloche-extents-"));
    file = join(folder, "it's $(a) \"file\"");
    await using handle = await open(file, "wx");
    for (const [offset, bytes] of [[5 * MIB - 3, 6], [900 * MIB, 2 * MIB], [1024 * MIB - 1, 1]] as const) await handle.write(Buffer.alloc(bytes, 7), 0, bytes, offset);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is found without reading it, in whole blocks within the file", async () => {
    const found = await dataExtents(file, UNBOUND);
    expect(found.every(([offset]) => offset % BLOCK === 0)).to.equal(true);
    const holds = (offset: number): boolean => found.some(([start, bytes]) => start <= offset && offset < start + bytes);
    for (const offset of [5 * MIB - 3, 5 * MIB + 2, 900 * MIB, 902 * MIB - 1, 1024 * MIB - 1]) expect(holds(offset), `${offset}`).to.equal(true);
    expect(found.reduce((total, [, bytes]) => total + bytes, 0)).to.be.below(64 * MIB);
    expect(found.at(-1)?.reduce((offset, bytes) => offset + bytes)).to.equal(1024 * MIB);
  });

  it("is all of it when the host does not say", async () => {
    expect(await dataExtents(file, UNBOUND, "/bin/false")).to.deep.equal([[0, 1024 * MIB]]);
    expect(await dataExtents(file, UNBOUND, "/nowhere")).to.deep.equal([[0, 1024 * MIB]]);
  });

  it("is not asked of somebody who was called off", async () => {
    const failure = await dataExtents(file, AbortSignal.abort(new Error("called off"))).catch((error: unknown) => error);
    expect(String(failure)).to.include("called off");
  });
});
