import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { chooseAccelerator, type AcceleratorOptions } from "../../../core/machine/accelerator.ts";
import type { Verdict } from "../../../core/machine/accelerator-verdict.ts";
import { Disposers } from "../../../core/support/disposers.ts";

const BOUNDS = { scope: new Disposers(), signal: new AbortController().signal };
const WORKS: Verdict = { works: true, reason: "a guest ran under it" };
const HANGS: Verdict = { works: false, reason: "a guest hangs" };

describe("the choice of the accelerator", () => {
  let folder: string;
  let probes: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-accel-"));
    for (const name of ["kvm", "kernel", "initrd"]) writeFileSync(join(folder, name), name);
    probes = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const choose = (accel: AcceleratorOptions["accel"], verdict: Verdict, device = join(folder, "kvm")) => {
    const image = { id: "id", kernel: join(folder, "kernel"), initrd: join(folder, "initrd"), disks: [] };
    const probe = async (): Promise<Verdict> => {
      probes += 1;
      return verdict;
    };
    return chooseAccelerator(image, { accel, systemRoot: "/", cacheDir: join(folder, "cache"), device, probe }, BOUNDS);
  };

  it("is hardware only after a guest ran under it", async () => {
    expect(await choose("auto", WORKS)).to.deep.equal({ accelerator: "kvm", reason: "a guest ran under it" });
    expect(probes).to.equal(1);
  });

  it("is software emulation, with the reason, when a guest hangs under hardware", async () => {
    expect(await choose("auto", HANGS)).to.deep.equal({ accelerator: "tcg", reason: "a guest hangs" });
  });

  it("is a failure with the reason when hardware is demanded and does not work", async () => {
    const error = await choose("kvm", HANGS).catch((reason: unknown) => reason);
    expect(error).to.have.property("code", "ACCEL_UNAVAILABLE");
    expect(String(error)).to.contain("a guest hangs");
  });

  it("tries nothing when software is asked for or there is no device", async () => {
    expect(await choose("tcg", WORKS)).to.include({ accelerator: "tcg" });
    const missing = join(folder, "missing");
    expect(await choose("auto", WORKS, missing)).to.deep.equal({ accelerator: "tcg", reason: `there is no ${missing}` });
    expect(probes).to.equal(0);
  });

  it("says the group when the device may not be used", async function () {
    const device = process.getuid?.() === 0 ? "/proc/kcore/not" : join(folder, "kvm");
    if (device.startsWith(folder)) chmodSync(device, 0);
    const { reason } = await choose("auto", WORKS, device);
    expect(reason).to.match(process.getuid?.() === 0 ? /^there is no / : /group kvm/);
  });

  it("remembers the verdict while neither the host's boot, QEMU nor the kernel changed", async () => {
    await choose("auto", HANGS);
    expect(await choose("auto", WORKS)).to.deep.equal({ accelerator: "tcg", reason: "a guest hangs" });
    expect(probes).to.equal(1);
    writeFileSync(join(folder, "kernel"), "another kernel");
    expect(await choose("auto", WORKS)).to.include({ accelerator: "kvm" });
    expect(probes).to.equal(2);
    expect(readdirSync(join(folder, "cache"))).to.deep.equal(["accelerator.json"]);
  });

  it("finds out again when what it remembered is damaged", async () => {
    await choose("auto", WORKS);
    const file = join(folder, "cache", "accelerator.json");
    const kept = readFileSync(file, "utf8");
    for (const damaged of ["", "{", "[]", kept.replace("true", '"yes"')]) {
      writeFileSync(file, damaged);
      expect(await choose("auto", HANGS)).to.include({ accelerator: "tcg" });
    }
  });
});
