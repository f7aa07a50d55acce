import { readdirSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { keepStart, lastStart, type MachineFacts } from "../../../../core/machine/ahead/last-start.ts";
import { SHAPE, TestStore } from "../template/support.ts";

const FACTS: MachineFacts = { shape: SHAPE, localRanges: [], binds: [] };
const COLLIDING = ["costarring", "liquid"] as const; // two words of one checksum
const LONG_AGO = new Date("2001-01-01");

describe("What the last start was made from", () => {
  let test: TestStore;
  beforeEach(async () => (test = await TestStore.open()));
  afterEach(() => test[Symbol.dispose]());

  const folder = () => join(test.cacheDir, "starts");

  it("is found by the checksum of its key, whatever the key holds", async () => {
    const key = JSON.stringify({ project: "/p/../ü\0", variables: ["x".repeat(100_000)] });
    await keepStart(test.cacheDir, key, FACTS);
    await keepStart(test.cacheDir, "a", FACTS);
    expect(readdirSync(folder())).to.have.length(2).and.include("e40c292c.json"); // as the authors of FNV publish it for "a"
    for (const name of readdirSync(folder())) expect(name).to.match(/^[0-9a-f]{8}\.json$/);
    expect(lastStart(test.cacheDir, key)).to.deep.equal(FACTS);
    expect(lastStart(test.cacheDir, `${key} `)).to.equal(undefined);
  });

  it("is one for two keys of the same checksum: the later start's, whole, for whoever uses it to compare", async () => {
    await keepStart(test.cacheDir, COLLIDING[0], { ...FACTS, localRanges: ["10.0.0.0/8"] });
    await keepStart(test.cacheDir, COLLIDING[1], FACTS);
    expect(readdirSync(folder())).to.deep.equal(["5e4daa9d.json"]);
    for (const key of COLLIDING) expect(lastStart(test.cacheDir, key)).to.deep.equal(FACTS);
  });

  it("is the user's alone, and nothing else lies beside it", async () => {
    await keepStart(test.cacheDir, "a", FACTS);
    await keepStart(test.cacheDir, "a", { ...FACTS, localRanges: ["10.0.0.0/8"] });
    expect(readdirSync(folder())).to.deep.equal(["e40c292c.json"]);
    expect(statSync(folder()).mode & 0o777).to.equal(0o700);
    expect(statSync(join(folder(), "e40c292c.json")).mode & 0o777).to.equal(0o600);
    expect(lastStart(test.cacheDir, "a")?.localRanges).to.deep.equal(["10.0.0.0/8"]);
  });

  it("is kept of so many, the ones used least recently go first", async () => {
    const files: string[] = [];
    for (let index = 0; index < 64; index += 1) {
      await keepStart(test.cacheDir, `${index}`, FACTS);
      const [file = ""] = readdirSync(folder()).filter((name) => !files.includes(name));
      files.push(file);
      utimesSync(join(folder(), file), LONG_AGO, new Date(LONG_AGO.getTime() + index * 1000));
    }
    await keepStart(test.cacheDir, "0", FACTS); // the same again is a use too
    await keepStart(test.cacheDir, "another", FACTS);
    const names = readdirSync(folder());
    expect(names).to.have.length(64).and.include.members([files[0], files[2]]).and.not.include(files[1]);
    expect(lastStart(test.cacheDir, "another")).to.deep.equal(FACTS);
  });

  it("is not read when it is larger than any", async () => {
    await keepStart(test.cacheDir, "a", { ...FACTS, localRanges: ["x".repeat(300_000)] });
    expect(lastStart(test.cacheDir, "a")).to.equal(undefined);
  });
});
