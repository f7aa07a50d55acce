import { existsSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { pruneTemplates, sweepTemplates } from "../../../../core/machine/template/prune.ts";
import { templateKeys } from "../../../../core/machine/template/store.ts";
import { TestStore } from "./support.ts";

const DAY_S = 24 * 60 * 60;
const ROOM = 300 * 1024; // one of them takes a little more

describe("Pruning templates", () => {
  let test: TestStore;

  beforeEach(async () => {
    test = await TestStore.open();
    for (const [name, daysAgo] of [["old", 40], ["middle", 20], ["new", 0]] as const) {
      const folder = await test.add(name);
      const used = Date.now() / 1000 - daysAgo * DAY_S;
      utimesSync(folder, used, used);
    }
  });
  afterEach(() => test[Symbol.dispose]());

  it("removes what nobody has used for a month", async () => {
    expect((await pruneTemplates(test.store, { keep: "new" })).templates).to.equal(1);
    expect(await templateKeys(test.store)).to.deep.equal(["middle", "new"]);
  });

  it("removes the ones used least lately when all are too large, never the one to keep", async () => {
    const { templates, bytes } = await pruneTemplates(test.store, { keep: "old", unusedMs: Infinity, bytes: 2.5 * ROOM });
    expect(templates).to.equal(1);
    expect(bytes).to.be.above(ROOM - 100_000);
    expect(await templateKeys(test.store)).to.deep.equal(["new", "old"]);
  });

  it("removes all but the one to keep when there is to be no room for others", async () => {
    expect((await pruneTemplates(test.store, { keep: "middle", bytes: 0 })).templates).to.equal(2);
    expect(await templateKeys(test.store)).to.deep.equal(["middle"]);
  });

  it("sweeps copies that a crash left, and not the ones that are about to be opened", async () => {
    const [left, fresh] = [join(test.store.copies, "left"), join(test.store.copies, "fresh")];
    for (const path of [left, fresh]) writeFileSync(path, "copy");
    utimesSync(left, 1, 1);
    await sweepTemplates(test.store, Date.now() + 2 * 60 * 60 * 1000);
    expect([existsSync(left), existsSync(fresh)]).to.deep.equal([false, false]);
    writeFileSync(fresh, "copy");
    await sweepTemplates(test.store);
    expect(existsSync(fresh)).to.equal(true);
  });
});
