import { mkdirSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Cell } from "../../../../core/machine/containment.ts";
import { fail } from "../../../../core/machine/failures.ts";
import { fail as guestFail } from "../../../../core/machine/guest-failures.ts";
import { findTemplate } from "../../../../core/machine/template/find.ts";
import { mapsReadOnly, prepareRam } from "../../../../core/machine/template/restore.ts";
import { templateKey } from "../../../../core/machine/template/shape.ts";
import { readyTemplate, restoreOrBoot } from "../../../../core/machine/template/use.ts";
import { Disposers } from "../../../../core/support/disposers.ts";
import { isFailure } from "../../../../core/support/errors.ts";
import { SHAPE, TestStore, UNBOUND } from "./support.ts";

const key = templateKey(SHAPE);

describe("Going on from a template", () => {
  let test: TestStore;
  let said: string[];
  let scope: Disposers;

  beforeEach(async () => {
    test = await TestStore.open();
    said = [];
    scope = new Disposers();
  });
  afterEach(async () => {
    await scope.close();
    test[Symbol.dispose]();
  });

  const reach = (signal = UNBOUND) => ({
    scope,
    signal,
    progress: { step() {}, update() {}, say: (line: string) => void said.push(line) },
    session: { cacheDir: test.cacheDir },
  });
  const present = async () => (await findTemplate(test.store, key, { signal: UNBOUND })).state;
  const cellThatFails = (error: unknown): Cell => ({ network: { enter: [] }, launch: () => Promise.reject(error) }) as unknown as Cell;

  it("boots without a word when there never was one", async () => {
    expect(await readyTemplate(SHAPE, reach())).to.equal(undefined);
    expect(said).to.deep.equal([]);
  });

  it("boots and says why when it is damaged, and removes it so that another is made", async () => {
    truncateSync(join(await test.add(key), "ram"), 1);
    expect(await readyTemplate(SHAPE, reach())).to.equal(undefined);
    expect(said).to.deep.equal(["The template is damaged (its memory has 1 bytes instead of 8388608): booting instead."]);
    expect(await present()).to.equal("absent");
  });

  it("gives an older QEMU a copy of its own, sparse, which goes with the scope", async () => {
    await test.add(key, [7, 2]);
    const ready = await readyTemplate(SHAPE, reach());
    expect(ready?.isShared).to.equal(false);
    expect(ready?.ram).to.include(test.store.copies);
    await scope.close();
    expect(readdirSync(test.store.copies)).to.deep.equal([]);
  });

  it("gives a newer QEMU the template's own file", async () => {
    await test.add(key, [10, 0]);
    const ready = await readyTemplate(SHAPE, reach());
    expect(ready?.isShared).to.equal(true);
    expect(ready?.ram).to.equal(join(test.store.ready, key, "ram"));
    expect([mapsReadOnly([8, 1]), mapsReadOnly([8, 2]), mapsReadOnly([9, 0])]).to.deep.equal([false, true, true]);
  });

  it("sees while copying that the memory is not what was frozen", async () => {
    await test.add(key);
    const found = await findTemplate(test.store, key, { signal: UNBOUND });
    if (found.state !== "sound") throw new Error(found.state);
    const { ram, sha256 } = { ram: found.template.manifest.ram, sha256: "0".repeat(64) };
    const template = { ...found.template, manifest: { ...found.template.manifest, ram: { ...ram, sha256 } } };
    const error = await prepareRam(template, test.store, { scope, signal: UNBOUND }).catch((reason: unknown) => reason);
    expect(isFailure(error, "TEMPLATE_DAMAGED")).to.equal(true);
  });

  for (const [what, error] of [
    ["QEMU refuses it", fail("QEMU_FAILED", { detail: "unknown savevm section" })],
    ["its state is not taken", fail("MONITOR_FAILED", { what: "the machine's state", detail: "it was not taken (failed)" })],
    ["its guest says nothing", guestFail("GUEST_SILENT", { deadlineMs: 1, what: "did not ask for its seed", console: "" })],
    ["its guest says nonsense", guestFail("GUEST_SEED_NONSENSE", { said: "x", console: "" })],
    ["the disk is full", Object.assign(new Error("no space"), { code: "ENOSPC" })],
  ] as const) {
    it(`boots and says why when ${what}`, async () => {
      await test.add(key);
      const ready = await readyTemplate(SHAPE, reach());
      if (!ready) throw new Error("not ready");
      expect(await restoreOrBoot(cellThatFails(error), { shape: { ...SHAPE, systemRoot: "/" }, ready, binds: [] }, reach())).to.equal(undefined);
      expect(said).to.have.length(1);
      expect(said[0]).to.match(/^The template did not work: booting instead\. ./).and.not.include("\n");
      expect(await present()).to.equal("absent");
    });
  }

  it("never passes over a jail that is not proven", async () => {
    await test.add(key);
    const ready = await readyTemplate(SHAPE, reach());
    if (!ready) throw new Error("not ready");
    const unproven = fail("JAIL_UNPROVEN", { check: "network", found: "eth0" });
    const error = await restoreOrBoot(cellThatFails(unproven), { shape: SHAPE, ready, binds: [] }, reach()).catch((reason: unknown) => reason);
    expect(error).to.equal(unproven);
    expect(await present()).to.equal("sound");
  });

  it("ends, and boots nothing, when the user wants the end", async () => {
    await test.add(key);
    const stop = new AbortController();
    stop.abort(new Error("enough"));
    const error = await readyTemplate(SHAPE, reach(stop.signal)).catch((reason: unknown) => reason);
    expect(error).to.equal(stop.signal.reason);
    expect(said).to.deep.equal([]);
  });

  it("has another name for each thing that a template depends on", () => {
    const variants = [
      { ...SHAPE, image: { ...SHAPE.image, id: "another" } },
      { ...SHAPE, memoryMiB: 513 },
      { ...SHAPE, cpus: 3 },
      { ...SHAPE, accelerator: "kvm" as const },
      { ...SHAPE, systemRoot: "/somewhere/else" },
      { ...SHAPE, shares: [...SHAPE.shares, { tag: "more", readOnly: true }] },
      { ...SHAPE, devices: [{ kind: "virtio-balloon-pci", properties: {} }] },
      { ...SHAPE, image: { ...SHAPE.image, disks: ["/d", "/e"] } },
    ];
    expect(new Set([key, ...variants.map(templateKey)]).size).to.equal(variants.length + 1);
    expect(templateKey({ ...SHAPE })).to.equal(key);
  });

  it("has another name when QEMU was upgraded", () => {
    const program = join(test.cacheDir, "usr/bin");
    const shape = { ...SHAPE, systemRoot: test.cacheDir };
    const missing = templateKey(shape);
    writeProgram(program, "one");
    const before = templateKey(shape);
    writeProgram(program, "another");
    expect(new Set([missing, before, templateKey(shape)]).size).to.equal(3);
  });
});

function writeProgram(folder: string, content: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, process.arch === "arm64" ? "qemu-system-aarch64" : "qemu-system-x86_64"), content);
}
