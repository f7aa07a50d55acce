import { expect } from "chai";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkArtefact, publishArtefact, sealArtefact } from "../../../core/image/artefact.ts";

describe("an artefact in the cache", () => {
  let place: string;
  let folder: string;
  beforeEach(async () => {
    place = mkdtempSync(join(tmpdir(), "cloche-artefact-"));
    folder = join(place, "one");
    mkdirSync(folder);
    writeFileSync(join(folder, "root"), "content");
    await sealArtefact(folder, ["root"], { suite: "trixie" });
  });
  afterEach(() => rmSync(place, { recursive: true }));

  const reason = async (full = false): Promise<string | undefined> => {
    const found = await checkArtefact(folder, { full });
    return found.state === "damaged" ? found.reason : found.state;
  };

  it("is sound when nothing touched it, and remembers its facts", async () => {
    const found = await checkArtefact(folder, { full: true });
    expect(found.state === "sound" && found.manifest.facts).to.deep.equal({ suite: "trixie" });
  });

  it("is absent when its folder is", async () => {
    expect((await checkArtefact(join(place, "two"))).state).to.equal("absent");
  });

  it("is damaged when a file is missing, shorter or longer", async () => {
    writeFileSync(join(folder, "root"), "conten");
    expect(await reason()).to.equal("root has 6 bytes instead of 7");
    rmSync(join(folder, "root"));
    expect(await reason()).to.equal("root is missing");
  });

  it("is damaged when a file has other content of the same size", async () => {
    writeFileSync(join(folder, "root"), "CONTENT");
    expect(await reason()).to.equal("the content of root has changed");
  });

  it("is found damaged by a full look alone when size, inode and time were kept", async () => {
    const { atime, mtime } = statSync(join(folder, "root"));
    writeFileSync(join(folder, "root"), "CONTENT");
    utimesSync(join(folder, "root"), atime, mtime);
    await keepNanoseconds(join(folder, "root"));
    expect(await reason()).to.equal("sound");
    expect(await reason(true)).to.equal("the content of root has changed");
  });

  it("is damaged without its manifest, or with one that breaks off", async () => {
    const manifest = join(folder, "manifest.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").slice(0, 20));
    expect(await reason()).to.equal("its manifest cannot be read");
    rmSync(manifest);
    expect(await reason()).to.equal("its manifest is missing");
  });

  it("is sound after a backup was restored, without being read in full again", async () => {
    const copy = join(place, "copy");
    cpSync(folder, copy, { recursive: true });
    expect((await checkArtefact(copy)).state).to.equal("sound");
    const { ino } = statSync(join(copy, "root"));
    expect(readFileSync(join(copy, "manifest.json"), "utf8")).to.contain(`"inode": "${ino}"`);
  });

  it("replaces the one before in one step and leaves nothing of it", async () => {
    const draft = join(place, "draft");
    mkdirSync(draft);
    writeFileSync(join(draft, "root"), "newer");
    await sealArtefact(draft, ["root"], {});
    await publishArtefact(draft, folder, join(place, "discard"));
    expect(readFileSync(join(folder, "root"), "utf8")).to.equal("newer");
    expect((await checkArtefact(folder)).state).to.equal("sound");
    expect(existsSync(draft) || existsSync(join(place, "discard"))).to.equal(false);
  });

  // utimes takes milliseconds; the manifest has nanoseconds, so it is told the rounded time
  async function keepNanoseconds(path: string): Promise<void> {
    const manifest = join(folder, "manifest.json");
    const { mtimeNs } = statSync(path, { bigint: true });
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace(/"modifiedNs": "\d+"/, `"modifiedNs": "${mtimeNs}"`));
  }
});
