import { appendFileSync, readFileSync, renameSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { findTemplate, inspectTemplates } from "../../../../core/machine/template/find.ts";
import type { Manifest } from "../../../../core/machine/template/manifest.ts";
import { discardTemplate } from "../../../../core/machine/template/store.ts";
import { KEY, TestStore, UNBOUND } from "./support.ts";

async function flip(path: string, offset: number): Promise<void> {
  const { atime, mtime } = statSync(path);
  await using file = await open(path, "r+");
  await file.write(Buffer.from([0x55]), 0, 1, offset);
  utimesSync(path, atime, mtime);
}

describe("A template that is looked for", () => {
  let test: TestStore;
  let folder: string;

  beforeEach(async () => {
    test = await TestStore.open();
    folder = await test.add();
  });
  afterEach(() => test[Symbol.dispose]());

  const find = (options: { full?: boolean; bootIdFile?: string } = {}) => findTemplate(test.store, KEY, { signal: UNBOUND, ...options });
  const reason = async (options = {}): Promise<string> => {
    const found = await find(options);
    return found.state === "damaged" ? found.reason : found.state;
  };

  it("is found whole, with its state and where its memory lies", async () => {
    const found = await find();
    if (found.state !== "sound") throw new Error(found.state);
    expect(String(found.template.state)).to.equal("the state of some devices");
    expect(found.template.ram).to.equal(join(folder, "ram"));
  });

  it("is absent when there is none, or when it was discarded", async () => {
    expect((await findTemplate(test.store, "f".repeat(24), { signal: UNBOUND })).state).to.equal("absent");
    await discardTemplate(test.store, KEY);
    await discardTemplate(test.store, KEY);
    expect(await reason()).to.equal("absent");
  });

  for (const [what, damage, expected] of [
    ["cut short", () => truncateSync(join(folder, "ram"), 100), "its memory has 100 bytes instead of 8388608"],
    ["with a longer state", () => appendFileSync(join(folder, "state"), "x"), "its state has 26 bytes instead of 25"],
    ["with memory that was written to", () => utimesSync(join(folder, "ram"), 1, 1), "its memory was touched"],
    ["with another file in place of its memory", () => {
      const path = join(folder, "ram");
      const { atime, mtime } = statSync(path);
      writeFileSync(`${path}.new`, readFileSync(path));
      utimesSync(`${path}.new`, atime, mtime);
      renameSync(`${path}.new`, path);
    }, "its memory was touched"],
    ["without its memory", () => rmSync(join(folder, "ram")), "a file of it is missing"],
    ["without its state", () => rmSync(join(folder, "state")), "a file of it is missing"],
    ["without its description, as if half-written", () => rmSync(join(folder, "template.json")), "its description is missing"],
    ["with a description that is cut short", () => truncateSync(join(folder, "template.json"), 200), "its description cannot be read"],
    ["with a description that is nonsense", () => writeFileSync(join(folder, "template.json"), "{}"), "its description cannot be read"],
    ["of another version", () => {
      const path = join(folder, "template.json");
      writeFileSync(path, readFileSync(path, "utf8").replace(`"format":2`, `"format":3`));
    }, "its description cannot be read"],
    ["of another machine", () => {
      const path = join(folder, "template.json");
      writeFileSync(path, readFileSync(path, "utf8").replace(KEY, "f".repeat(24)));
    }, "it is that of another machine"],
  ] as const) {
    it(`is damaged when it is found ${what}`, async () => {
      expect(await reason()).to.equal("sound");
      damage();
      expect(await reason()).to.equal(expected);
    });
  }

  for (const [what, change] of [
    ["is null", () => null],
    ["is a list", () => []],
    ["lacks the image", ({ image: _, ...rest }: Manifest) => rest],
    ["says more than it should", (manifest: Manifest) => ({ ...manifest, more: 1 })],
    ["has a key that is no text", (manifest: Manifest) => ({ ...manifest, key: 1 })],
    ["has an image that is no text", (manifest: Manifest) => ({ ...manifest, image: {} })],
    ["has one number for QEMU's version", (manifest: Manifest) => ({ ...manifest, qemu: [7] })],
    ["has a text for QEMU's version", (manifest: Manifest) => ({ ...manifest, qemu: ["7", "2"] })],
    ["has a negative size", (manifest: Manifest) => ({ ...manifest, ram: { ...manifest.ram, bytes: -1 } })],
    ["has an inode that is no text", (manifest: Manifest) => ({ ...manifest, ram: { ...manifest.ram, inode: 1 } })],
    ["has a time that is no text", (manifest: Manifest) => ({ ...manifest, state: { ...manifest.state, modifiedNs: 1 } })],
    ["has a sum that is none", (manifest: Manifest) => ({ ...manifest, state: { ...manifest.state, sha256: "0" } })],
    ["has extents of three numbers", (manifest: Manifest) => ({ ...manifest, ram: { ...manifest.ram, extents: [[0, 1, 2]] } })],
    ["has extents that are none", (manifest: Manifest) => ({ ...manifest, ram: { ...manifest.ram, extents: "00" } })],
    ["has no extents", ({ ram: { extents: _, ...ram }, ...rest }: Manifest) => ({ ...rest, ram })],
    ["has no state", (manifest: Manifest) => ({ ...manifest, state: "none" })],
  ] as const) {
    it(`is damaged when its description ${what}`, async () => {
      const path = join(folder, "template.json");
      writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, "utf8")) as Manifest)));
      expect(await reason()).to.equal("its description cannot be read");
    });
  }

  it("is damaged at once when a bit of its state flipped, its time being as before", async () => {
    await flip(join(folder, "state"), 3);
    expect(await reason()).to.match(/touched|content of its state/);
  });

  it("is read in full after each boot of the host: a flipped bit of its memory is seen then, and by doctor", async () => {
    const bootIdFile = join(test.cacheDir, "boot-id");
    writeFileSync(bootIdFile, "first");
    expect(await reason({ bootIdFile })).to.equal("sound");
    // as a failing disk does it: the kernel knows of no change
    const manifest = join(folder, "template.json");
    await flip(join(folder, "ram"), 1000);
    const facts = statSync(join(folder, "ram"), { bigint: true });
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/("ram":.*?"modifiedNs":")\d+/, `$1${facts.mtimeNs}`));
    expect(await reason({ bootIdFile })).to.equal("sound");
    writeFileSync(bootIdFile, "second");
    expect(await reason({ bootIdFile })).to.equal("the content of its memory has changed");
    expect(await inspectTemplates(test.cacheDir, UNBOUND)).to.deep.equal([{ id: KEY, damage: "the content of its memory has changed" }]);
  });
});
