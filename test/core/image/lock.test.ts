import { expect } from "chai";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { takeLock } from "../../../core/image/lock.ts";

describe("the lock of an image cache", () => {
  let place: string;
  const paths = () => ({ lock: join(place, "image.lock"), drafts: join(place, "drafts") });
  const never = new AbortController().signal;
  beforeEach(() => {
    place = mkdtempSync(join(tmpdir(), "cloche 'lock' "));
    mkdirSync(join(place, "drafts"));
  });
  afterEach(() => rmSync(place, { recursive: true }));

  it("is had by one at a time; the second is told that it waits", async () => {
    const told: string[] = [];
    const first = await takeLock(paths(), never, () => told.push("first waits"));
    const second = takeLock(paths(), never, () => told.push("second waits")).then(async (lock) => {
      told.push("second has it");
      await lock[Symbol.asyncDispose]();
    });
    while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    told.push("first lets go");
    await first[Symbol.asyncDispose]();
    await second;
    expect(told).to.deep.equal(["second waits", "first lets go", "second has it"]);
  });

  it("is waited for no longer than the signal allows, and then is free again", async () => {
    const first = await takeLock(paths(), never, () => {});
    const stop = new AbortController();
    const second = takeLock(paths(), stop.signal, () => stop.abort(new Error("enough"))).then(() => undefined, (error: Error) => error.message);
    expect(await second).to.equal("enough");
    await first[Symbol.asyncDispose]();
    const third = await takeLock(paths(), never, () => expect.fail("nobody has it"));
    await third[Symbol.asyncDispose]();
  });

  it("is had without a place for drafts too, and then removes nothing", async () => {
    const { lock, drafts } = paths();
    mkdirSync(join(drafts, "left"));
    const first = await takeLock({ lock }, never, () => {});
    await first[Symbol.asyncDispose]();
    const second = await takeLock({ lock }, never, () => expect.fail("nobody has it"));
    await second[Symbol.asyncDispose]();
    expect(existsSync(join(drafts, "left"))).to.equal(true);
  });

  it("ends with its owner, however that dies, and what the owner left is removed first", async () => {
    const source = new URL("../../../core/image/lock.ts", import.meta.url).href;
    const program = `
      const { takeLock } = await import(${JSON.stringify(source)});
      await takeLock(${JSON.stringify(paths())}, new AbortController().signal, () => {});
      console.log("held");
      setInterval(() => {}, 1000);`;
    const owner = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => owner.stdout.once("data", resolve));
    mkdirSync(join(place, "drafts", "left"));
    writeFileSync(join(place, "drafts", "left", "file"), "");
    owner.kill("SIGKILL");
    const lock = await takeLock(paths(), never, () => {});
    expect(existsSync(join(place, "drafts", "left"))).to.equal(false);
    await lock[Symbol.asyncDispose]();
  });
});
