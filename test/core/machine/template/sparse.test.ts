import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { copySparse, hashSparse, packSparse } from "../../../../core/machine/template/sparse.ts";
import { ROOT } from "../../../support/sources.ts";
import { MIB, UNBOUND } from "./support.ts";

describe("The memory of a template, as a sparse file", () => {
  let folder: string;
  const at = (name: string) => join(folder, name);

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "cloche-sparse-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function memory(stretches: Readonly<Record<number, number>>, bytes: number): Promise<void> {
    await using file = await open(at("raw"), "wx");
    for (const [offset, length] of Object.entries(stretches)) await file.write(Buffer.alloc(length, 7), 0, length, Number(offset));
    await file.truncate(bytes);
  }

  it("is packed, copied and read to the same content, and takes no room where there is nothing", async () => {
    await memory({ 0: 10, [5 * MIB - 3]: 6, [9 * MIB]: 5 * MIB, [32 * MIB - 1]: 1 }, 32 * MIB);
    const packed = await packSparse(at("raw"), at("packed"), UNBOUND);
    const sum = await copySparse(at("packed"), at("copy"), packed.extents, 32 * MIB, UNBOUND);
    expect(sum).to.equal(packed.sha256);
    expect(await hashSparse(at("packed"), packed.extents, UNBOUND)).to.equal(packed.sha256);
    for (const name of ["packed", "copy"]) {
      expect(readFileSync(at(name)).equals(readFileSync(at("raw"))), name).to.equal(true);
      expect(statSync(at(name)).blocks * 512).to.be.below(8 * MIB);
    }
  });

  it("may be nothing but zeros, or end in the middle of a block", async () => {
    await memory({}, 3 * MIB);
    expect((await packSparse(at("raw"), at("packed"), UNBOUND)).extents).to.deep.equal([]);
    rmSync(at("raw"));
    await memory({ [2 * MIB]: 5 }, 2 * MIB + 5);
    const packed = await packSparse(at("raw"), at("other"), UNBOUND);
    expect(packed.extents).to.deep.equal([[2 * MIB, 5]]);
    expect(statSync(at("other")).size).to.equal(2 * MIB + 5);
  });

  it("has another sum when one bit of it is another, or when its end is missing", async () => {
    await memory({ [MIB]: MIB }, 4 * MIB);
    const packed = await packSparse(at("raw"), at("packed"), UNBOUND);
    await using file = await open(at("packed"), "r+");
    await file.write(Buffer.from([6]), 0, 1, MIB + 4711);
    expect(await hashSparse(at("packed"), packed.extents, UNBOUND)).to.not.equal(packed.sha256);
    await file.write(Buffer.from([7]), 0, 1, MIB + 4711);
    expect(await hashSparse(at("packed"), packed.extents, UNBOUND)).to.equal(packed.sha256);
    truncateSync(at("packed"), MIB + 100);
    expect(await hashSparse(at("packed"), packed.extents, UNBOUND)).to.not.equal(packed.sha256);
  });

  it("is never written over a file that is there", async () => {
    await memory({ 0: 1 }, MIB);
    writeFileSync(at("packed"), "somebody's");
    const error = await packSparse(at("raw"), at("packed"), UNBOUND).catch((reason: unknown) => reason);
    expect((error as NodeJS.ErrnoException).code).to.equal("EEXIST");
    expect(readFileSync(at("packed"), "utf8")).to.equal("somebody's");
  });

  it("says that the disk is full", () => {
    const script = `
      import { packSparse } from ${JSON.stringify(join(ROOT, "core/machine/template/sparse.ts"))};
      import { writeFileSync, mkdirSync } from "node:fs";
      writeFileSync("/room/raw", Buffer.alloc(700_000, 1));
      await packSparse("/room/raw", "/room/packed", new AbortController().signal).catch((error) => console.log(error.code));
      await packSparse("/room/raw", "/plenty/packed", new AbortController().signal).then(() => console.log("packed"));`;
    const small = ["--size", `${MIB}`, "--tmpfs", "/room", "--tmpfs", "/plenty"];
    // a root of its own, since the two places are none of the host's
    const host = readdirSync("/").flatMap((name) => ["--ro-bind-try", `/${name}`, `/${name}`]);
    const argv = ["--unshare-user", "--tmpfs", "/", ...host, ...small, "--", process.execPath, "--input-type=module", "-e", script];
    expect(execFileSync("bwrap", argv, { encoding: "utf8", cwd: "/" })).to.equal("ENOSPC\npacked\n");
  });
});
