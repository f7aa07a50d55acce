import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { makeScratchFile } from "../../../core/machine/scratch.ts";
import { Disposers } from "../../../core/support/disposers.ts";
import { ClocheError } from "../../../core/support/errors.ts";

describe("The scratch disk's file", () => {
  let directory: string;
  beforeEach(() => (directory = mkdtempSync(join(tmpdir(), "cloche-scratch-"))));
  afterEach(() => rmSync(directory, { recursive: true }));

  it("is sparse, its user's alone, and loses its name when QEMU has it", async () => {
    await using scope = new Disposers();
    const { bind, unname } = await makeScratchFile({ bytes: 2 ** 34, directory }, scope);
    const { size, blocks, mode } = statSync(bind.source);
    expect({ size, blocks, mode: mode & 0o777 }).to.deep.equal({ size: 2 ** 34, blocks: 0, mode: 0o600 });
    expect(bind).to.include({ target: "/scratch-disk", readOnly: false });
    await unname();
    expect(readdirSync(directory)).to.deep.equal([]);
  });

  it("goes with the session also when no QEMU took it", async () => {
    const scope = new Disposers();
    await makeScratchFile({ bytes: 2 ** 20, directory }, scope);
    await scope.close();
    expect(readdirSync(directory)).to.deep.equal([]);
  });

  it("takes along what a crash left, and nothing that somebody is about to use", async () => {
    const [old, fresh] = [join(directory, "old"), join(directory, "fresh")];
    for (const path of [old, fresh]) writeFileSync(path, "");
    utimesSync(old, 0, 0);
    await using scope = new Disposers();
    await makeScratchFile({ bytes: 2 ** 20, directory }, scope);
    expect([existsSync(old), existsSync(fresh)]).to.deep.equal([false, true]);
  });

  it("is refused where it would lie in memory, and where nothing can be made, by name", async () => {
    await using scope = new Disposers();
    const refusal = async (place: string) => (await makeScratchFile({ bytes: 2 ** 20, directory: place }, scope).catch((error: unknown) => error)) as ClocheError;
    expect((await refusal("/dev/shm/cloche-scratch-test")).code).to.equal("SCRATCH_IN_MEMORY");
    rmSync("/dev/shm/cloche-scratch-test", { recursive: true });
    const file = join(directory, "file");
    writeFileSync(file, "");
    const error = await refusal(join(file, "below"));
    expect(error.code).to.equal("SCRATCH_FAILED");
    expect(error.message).to.include(file);
  });
});
