import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { copySparse, hashSparse } from "../../../../core/machine/template/read-sparse.ts";
import { packSparse } from "../../../../core/machine/template/sparse.ts";
import { ROOT } from "../../../support/sources.ts";
import { MIB, UNBOUND } from "./support.ts";

const BLOCK = 64 * 1024;

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
    const sum = await copySparse(at("packed"), at("copy"), { extents: packed.extents, bytes: 32 * MIB }, UNBOUND);
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

  it("has the sum of its parts of 4 MiB, of whichever stretches they are, in their order", async () => {
    // the first part takes longer to read than the second
    const bits = Array.from({ length: 48 }, (_, index): [number, number] => [2 * index * BLOCK, BLOCK]);
    await memory({ ...Object.fromEntries(bits), [8 * MIB]: 4 * MIB, [16 * MIB]: 100 }, 32 * MIB);
    const { extents, sha256 } = await packSparse(at("raw"), at("packed"), UNBOUND);
    const sum = (bytes: Buffer) => createHash("sha256").update(bytes).digest();
    // the last stretch fills its block with zeros
    expect(extents).to.deep.equal([...bits, [8 * MIB, 4 * MIB], [16 * MIB, BLOCK]]);
    const whole = Buffer.concat([Buffer.alloc(7 * MIB + 100, 7), Buffer.alloc(BLOCK - 100)]);
    expect(sha256).to.equal(sum(Buffer.concat([sum(whole.subarray(0, 4 * MIB)), sum(whole.subarray(4 * MIB))])).toString("hex"));
  });

  it("is read no further when it is aborted", async () => {
    await memory({ 0: 20 * MIB }, 20 * MIB);
    const stop = new AbortController();
    let parts = 0;
    const rest = async () => { if (++parts === 2) stop.abort(new Error("enough")); };
    const error = await copySparse(at("raw"), at("copy"), { extents: [[0, 20 * MIB]], bytes: 20 * MIB, rest }, stop.signal).catch((reason: unknown) => reason);
    expect(String(error)).to.equal("Error: enough");
    expect(parts).to.equal(2);
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
