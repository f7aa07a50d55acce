import { readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { keepStart, lastStart, type MachineFacts } from "../../../../core/machine/ahead/last-start.ts";
import { SHAPE, TestStore } from "../template/support.ts";

const FACTS: MachineFacts = { shape: SHAPE, localRanges: [], binds: [] };
const LONG_AGO = new Date("2001-01-01");

describe("What the last start was made from", () => {
  let test: TestStore;
  beforeEach(async () => (test = await TestStore.open()));
  afterEach(() => test[Symbol.dispose]());

  const folder = () => join(test.cacheDir, "starts");

  it("is the user's alone, and nothing else lies beside it", async () => {
    await keepStart(test.cacheDir, "a", FACTS);
    await keepStart(test.cacheDir, "a", { ...FACTS, localRanges: ["10.0.0.0/8"] });
    expect(readdirSync(folder())).to.deep.equal(["a.json"]);
    expect(statSync(folder()).mode & 0o777).to.equal(0o700);
    expect(statSync(join(folder(), "a.json")).mode & 0o777).to.equal(0o600);
    expect(lastStart(test.cacheDir, "a")?.localRanges).to.deep.equal(["10.0.0.0/8"]);
  });

  it("is kept of so many, the ones used least recently go first", async () => {
    for (let index = 0; index < 64; index += 1) {
      await keepStart(test.cacheDir, `${index}`, FACTS);
      utimesSync(join(folder(), `${index}.json`), LONG_AGO, new Date(LONG_AGO.getTime() + index * 1000));
    }
    await keepStart(test.cacheDir, "0", FACTS); // the same again is a use too
    await keepStart(test.cacheDir, "another", FACTS);
    const names = readdirSync(folder());
    expect(names).to.have.length(64).and.include.members(["0.json", "2.json", "another.json"]).and.not.include("1.json");
  });

  it("is not read when it is larger than any", async () => {
    await keepStart(test.cacheDir, "a", { ...FACTS, localRanges: ["x".repeat(300_000)] });
    expect(lastStart(test.cacheDir, "a")).to.equal(undefined);
  });
});
