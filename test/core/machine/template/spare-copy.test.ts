import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { findTemplate, type Template } from "../../../../core/machine/template/find.ts";
import { pruneTemplates, sweepCopies } from "../../../../core/machine/template/prune.ts";
import { prepareRam } from "../../../../core/machine/template/restore.ts";
import { makeSpare, takeSpare } from "../../../../core/machine/template/spare-copy.ts";
import { planSpare } from "../../../../core/machine/template/spare-later.ts";
import { Disposers } from "../../../../core/support/disposers.ts";
import { eventually } from "../../sessions/support.ts";
import { KEY, TestStore, UNBOUND } from "./support.ts";

const OTHER = "fedcba9876543210fedcba98";
const MINUTE_MS = 60_000;
/** The number of no process: one more than there can be. */
const NOBODY = 2 ** 22 + 1;

describe("The copy of a template that lies ready for the next start", () => {
  let test: TestStore;
  let folder: string;
  let template: Template;
  let scope: Disposers;

  beforeEach(async () => {
    test = await TestStore.open();
    folder = await test.add();
    template = await found(KEY);
    scope = new Disposers();
  });
  afterEach(async () => {
    await scope.close();
    test[Symbol.dispose]();
  });

  async function found(key: string): Promise<Template> {
    const finding = await findTemplate(test.store, key, { signal: UNBOUND });
    if (finding.state !== "sound") throw new Error(finding.state);
    return finding.template;
  }
  const spares = () => readdirSync(folder).filter((name) => name.startsWith("spare-"));
  const copies = () => readdirSync(test.store.copies);
  const make = () => makeSpare(template, test.store, UNBOUND);

  it("has the content of the template, and is taken once", async () => {
    await make();
    expect([spares().length, copies()]).to.deep.equal([1, []]);
    const taken = await takeSpare(template, test.store);
    expect(readFileSync(taken ?? "").equals(readFileSync(template.ram))).to.equal(true);
    expect([spares(), copies().length]).to.deep.equal([[], 1]);
    expect(await takeSpare(template, test.store)).to.equal(undefined);
  });

  it("spares a start the copying, and goes with its scope", async () => {
    await make();
    rmSync(template.ram); // what is left of it cannot be copied
    let copying = 0;
    const { ram, isShared } = await prepareRam(template, test.store, { scope, signal: UNBOUND }, () => void (copying += 1));
    expect([existsSync(ram), isShared, copying]).to.deep.equal([true, false, 0]);
    await scope.close();
    expect(copies()).to.deep.equal([]);
  });

  it("is one, however many sessions make it", async () => {
    await make();
    const [name] = spares();
    await make();
    expect(spares()).to.deep.equal([name]);
  });

  it("is taken by one of several starts at once; the others copy, and hear of it", async () => {
    await make();
    let copying = 0;
    const starts = Array.from({ length: 3 }, () => prepareRam(template, test.store, { scope, signal: UNBOUND }, () => void (copying += 1)));
    const rams = (await Promise.all(starts)).map(({ ram }) => ram);
    expect([new Set(rams).size, copying]).to.deep.equal([3, 2]);
    for (const ram of rams) expect(readFileSync(ram).equals(readFileSync(template.ram))).to.equal(true);
  });

  const spoiled: Readonly<Record<string, (path: string) => Promise<void> | void>> = {
    "was written to": async (path) => {
      await using file = await open(path, "r+");
      await file.write(Buffer.from([9]), 0, 1, 4711);
    },
    "was touched": (path) => utimesSync(path, 1, 1),
    "is another file": (path) => void execFileSync("sh", ["-c", 'cp -p "$1" "$1.other" && mv "$1.other" "$1"', "sh", path]),
    "lay there before the host's boot": (path) => renameSync(path, path.replace(/[0-9a-f-]{36}$/, "1ffe64ca-75eb-4afa-a816-000000000000")),
  };
  for (const [what, spoil] of Object.entries(spoiled)) {
    it(`is not taken when it ${what}, and removed`, async () => {
      await make();
      await spoil(join(folder, spares()[0] ?? ""));
      expect(await takeSpare(template, test.store)).to.equal(undefined);
      expect([spares(), copies()]).to.deep.equal([[], []]);
    });
  }

  it("is not taken, and left, by what has the same key and another content", async () => {
    await make();
    const { manifest } = template;
    const saved = { ...template, manifest: { ...manifest, ram: { ...manifest.ram, sha256: "0".repeat(64) } } };
    expect(await takeSpare(saved, test.store)).to.equal(undefined);
    expect(spares().length).to.equal(1);
  });

  it("is not made of a memory that is not what was frozen", async () => {
    await using file = await open(template.ram, "r+");
    await file.write(Buffer.from([9]), 0, 1, 4711);
    await make();
    expect([spares(), copies()]).to.deep.equal([[], []]);
  });

  it("is given up at once when the session ends, and nothing of it stays", async () => {
    const large = await found((await test.add(OTHER), OTHER));
    const parts = Array.from({ length: 1000 }, (): [number, number] => [0, 300_000]);
    const slow = { ...large, manifest: { ...large.manifest, ram: { ...large.manifest.ram, extents: parts } } };
    await planSpare(slow, test.cacheDir, { scope }, 0);
    await eventually("it is being made", () => copies().length === 1);
    const began = performance.now();
    await scope.close();
    expect(performance.now() - began).to.be.below(500); // the whole takes seconds
    expect(copies()).to.deep.equal([]);
    expect(readdirSync(join(test.store.ready, OTHER)).filter((name) => name.startsWith("spare-"))).to.deep.equal([]);
  });

  it("is made while a session works, after what a killed one left was swept", async () => {
    const [left, ours] = [join(test.store.copies, `${NOBODY}-left`), join(test.store.copies, `${process.pid}-ours`)];
    for (const path of [left, ours]) writeFileSync(path, "");
    await sweepCopies(test.store);
    expect(copies().length).to.equal(2); // a container's process may only seem to be gone
    const now = Date.now;
    Date.now = () => now() + 6 * MINUTE_MS;
    try {
      await planSpare(template, test.cacheDir, { scope }, 0);
      await eventually("it is made", () => spares().length === 1);
    } finally {
      Date.now = now;
    }
    expect([existsSync(left), existsSync(ours)]).to.deep.equal([false, true]);
  });

  it("is never made for a QEMU that needs none", async () => {
    const newer = await found((await test.add(OTHER, [8, 2]), OTHER));
    await planSpare(newer, test.cacheDir, { scope }, 0);
    await planSpare(template, test.cacheDir, { scope }, 0); // the control: this one is, and no earlier
    await eventually("it is made", () => spares().length === 1);
    expect(readdirSync(join(test.store.ready, OTHER))).to.have.members(["ram", "state", "template.json", "checked"]);
  });

  it("waits until the session has lasted a while", async () => {
    await planSpare(template, test.cacheDir, { scope });
    await sleep(200); // it takes a quarter of that
    await scope.close();
    expect([spares(), copies()]).to.deep.equal([[], []]);
  });

  it("counts as room that its template takes, and goes with it", async () => {
    await make();
    await test.add(OTHER);
    const { templates, bytes } = await pruneTemplates(test.store, { keep: OTHER, unusedMs: -1 });
    expect(templates).to.equal(1);
    expect(bytes).to.be.at.least(2 * 300_000);
    expect(existsSync(folder)).to.equal(false);
  });
});
