import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { MachineCollector } from "../../../core/machine/collector.ts";
import { openKeptDisk } from "../../../core/machine/kept-disk.ts";
import { Disposers } from "../../../core/support/disposers.ts";
import type { ClocheError } from "../../../core/support/errors.ts";

const BYTES = 2 ** 30;

describe("A disk that is kept", () => {
  let directory: string;
  let found: string[];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "cloche-kept-"));
    found = [];
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const disk = (bytes = BYTES) => ({ serial: "local", bytes, setting: "share.keepLocal", file: () => join(directory, "disk"), onOpened: (state: string) => void found.push(state) });
  const opened = async (scope: Disposers, bytes = BYTES) => await openKeptDisk(disk(bytes), { scope, signal: new AbortController().signal });

  it("is a sparse file, its user's alone, with what the machine before left", async () => {
    for (const round of ["new", "kept"]) {
      await using scope = new Disposers();
      const { bind, unname } = await opened(scope);
      await unname();
      const { size, blocks, mode } = statSync(bind.source);
      expect({ size, mode: mode & 0o777, target: bind.target }).to.deep.equal({ size: BYTES, mode: 0o600, target: "/disks/local" });
      if (round === "new") expect(blocks).to.equal(0);
      else expect(readFileSync(bind.source).toString("latin1", 0, 4)).to.equal("left");
      writeFileSync(bind.source, "left", { flag: "r+" });
    }
    expect(found).to.deep.equal(["new", "kept"]);
  });

  it("is one machine's at a time: another gets one that is empty and without a name", async () => {
    await using scope = new Disposers();
    const first = await opened(scope);
    writeFileSync(first.bind.source, "of the first", { flag: "r+" });
    const second = await opened(scope);
    expect(second.bind.source).to.not.equal(first.bind.source);
    expect(second.bind.target).to.equal("/disks/local");
    expect(statSync(second.bind.source)).to.include({ size: BYTES, blocks: 0 });
    await second.unname();
    expect(readdirSync(directory)).to.deep.equal(["disk"]);
    await scope.close();
    await using later = new Disposers();
    await opened(later);
    expect(found).to.deep.equal(["new", "in use", "kept"]);
  });

  it("begins anew when another size is asked for", async () => {
    for (const bytes of [BYTES, 2 * BYTES, BYTES]) {
      await using scope = new Disposers();
      const { bind } = await opened(scope, bytes);
      expect(statSync(bind.source)).to.include({ size: bytes, blocks: 0 });
      writeFileSync(bind.source, "left", { flag: "r+" });
    }
    expect(found).to.deep.equal(["new", "new", "new"]);
  });

  it("is refused where a link or nothing that can be written stands in its place, by name", async () => {
    await using scope = new Disposers();
    const outside = join(directory, "outside");
    writeFileSync(outside, "precious");
    symlinkSync(outside, join(directory, "disk"));
    const error = (await opened(scope).catch((cause: unknown) => cause)) as ClocheError;
    expect([error.code, error.message.includes(directory), error.hint.includes("share.keepLocal")]).to.deep.equal(["KEPT_DISK_FAILED", true, true]);
    expect(readFileSync(outside, "utf8")).to.equal("precious");
  });

  it("has a name of its own among the machine's disks", () => {
    const draft = new MachineCollector();
    draft.addDisk(disk());
    for (const serial of ["local", "scratch", "two words", "", "x".repeat(21)]) expect(() => draft.addDisk({ ...disk(), serial }), serial).to.throw("is not a name for a disk");
    expect(draft.finish().disks.map(({ serial }) => serial)).to.deep.equal(["local"]);
  });
});
