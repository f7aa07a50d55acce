import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../support/sources.ts";

const MIB = 1024;

describe("The warming's last step", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "cloche-warm-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** How much memory is taken once more, in KiB, when so much is free; all figures in KiB. */
  function taken(most: number, now: number, free: number): number {
    writeFileSync(join(folder, "meminfo"), `MemTotal: 8000000 kB\nMemFree:  ${free} kB\nMemAvailable: 1 kB\n`);
    writeFileSync(join(folder, "pages"), "always [madvise] never\n");
    const script = readFileSync(join(ROOT, "guest/warm"), "utf8");
    const step = script.slice(script.indexOf("pages=/sys")).replace(/^pages=.*$/m, `pages=${folder}/pages`).replace("/proc/meminfo", `${folder}/meminfo`).replace('length "\\0" x', "print");
    return Number(execFileSync("sh", ["-c", `most=${most}; used() { echo ${now}; }; ${step}`], { encoding: "utf8" })) / 1024;
  }

  it("takes what was used and is free again, and a part of that more", () => {
    expect(taken(400 * MIB, 150 * MIB, 7000 * MIB)).to.equal(350 * MIB);
  });

  it("takes a part even when more is used than ever before", () => {
    expect(taken(400 * MIB, 450 * MIB, 7000 * MIB)).to.equal(100 * MIB);
  });

  it("leaves a small machine memory to go on with", () => {
    expect(taken(200 * MIB, 150 * MIB, 50 * MIB)).to.equal(40 * MIB);
  });

  it("has small pages only until it is done", () => {
    taken(400 * MIB, 150 * MIB, 7000 * MIB);
    expect(readFileSync(join(folder, "pages"), "utf8")).to.equal("madvise\n");
  });
});
