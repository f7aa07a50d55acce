import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { findTemplate } from "../../../../core/machine/template/find.ts";
import type { FreezeOptions } from "../../../../core/machine/template/freeze.ts";
import { makeTemplate } from "../../../../core/machine/template/make.ts";
import { isSpare } from "../../../../core/machine/template/spare-copy.ts";
import { templateKey } from "../../../../core/machine/template/shape.ts";
import { ROOT } from "../../../support/sources.ts";
import { SHAPE, TestStore, UNBOUND } from "./support.ts";

const key = templateKey(SHAPE);

describe("Making a template", () => {
  let test: TestStore;
  let frozen: number;

  beforeEach(async () => {
    test = await TestStore.open();
    frozen = 0;
  });
  afterEach(() => test[Symbol.dispose]());

  const options = (wait: boolean) => ({ cacheDir: test.cacheDir, bootDeadlineMs: 1000, signal: UNBOUND, wait });
  const drafts = () => readdirSync(test.store.drafts).flatMap((name) => readdirSync(join(test.store.drafts, name)));
  const state = async () => (await findTemplate(test.store, key, { signal: UNBOUND })).state;

  /** Stands for the machine that is frozen: leaves a half-made folder for a while, then a whole one in its place. */
  async function freeze(_shape: unknown, { draft }: FreezeOptions): Promise<void> {
    frozen += 1;
    writeFileSync(join(draft, "memory"), "half-made");
    await sleep(100);
    expect(await state()).to.equal("absent");
    mkdirSync(join(draft, "elsewhere"));
    await test.add(key);
  }

  it("makes one when ten want it at once, and none of them waits in the background", async () => {
    const keys = await Promise.all(Array.from({ length: 10 }, () => makeTemplate(SHAPE, options(false), freeze)));
    expect(new Set(keys)).to.deep.equal(new Set([key]));
    expect(frozen).to.equal(1);
    expect(await state()).to.equal("sound");
    expect(drafts()).to.deep.equal([]);
  });

  it("waits for another who makes it, and takes what that one made, when the user asked for it", async () => {
    await Promise.all([makeTemplate(SHAPE, options(true), freeze), makeTemplate(SHAPE, options(true), freeze)]);
    expect(frozen).to.equal(1);
  });

  it("makes none when there is one, but anew when asked to", async () => {
    await makeTemplate(SHAPE, options(true), freeze);
    await makeTemplate(SHAPE, options(true), freeze);
    expect(frozen).to.equal(1);
    const again = async (shape: unknown, given: FreezeOptions) => {
      renameSync(join(test.store.ready, key), join(given.draft, "old"));
      await freeze(shape, given);
    };
    await makeTemplate(SHAPE, { ...options(true), rebuild: true }, again);
    expect(frozen).to.equal(2);
  });

  const spares = () => readdirSync(join(test.store.ready, key)).filter(isSpare);

  it("leaves the copy that the first start will need, also where there was a template and no copy", async () => {
    await makeTemplate(SHAPE, options(false), freeze);
    expect(spares()).to.have.lengthOf(1);
    for (const name of spares()) rmSync(join(test.store.ready, key, name));
    await makeTemplate(SHAPE, options(true), freeze);
    expect([spares().length, frozen]).to.deep.equal([1, 1]);
    expect(readdirSync(test.store.copies)).to.deep.equal([]);
  });

  it("leaves no copy for a QEMU that needs none", async () => {
    await makeTemplate(SHAPE, options(false), async () => void (await test.add(key, [8, 2])));
    expect([await state(), spares()]).to.deep.equal(["sound", []]);
  });

  it("leaves a template all the same when the copy cannot be made", async () => {
    const nowhere = async (shape: unknown, given: FreezeOptions) => {
      rmdirSync(test.store.copies);
      writeFileSync(test.store.copies, "no folder");
      await freeze(shape, given);
    };
    expect(await makeTemplate(SHAPE, options(false), nowhere)).to.equal(key);
    expect([await state(), spares()]).to.deep.equal(["sound", []]);
  });

  it("ends when that is wanted while it copies, with a template and nothing of a copy", async () => {
    const stop = new AbortController();
    const stopped = async (shape: unknown, given: FreezeOptions) => {
      await freeze(shape, given);
      expect(await state()).to.equal("sound"); // and known as such, so that the copying is next
      stop.abort(new Error("enough"));
    };
    const error = await makeTemplate(SHAPE, { ...options(false), signal: stop.signal }, stopped).catch((reason: unknown) => reason);
    expect((error as Error).message).to.equal("enough");
    expect([await state(), spares(), readdirSync(test.store.copies)]).to.deep.equal(["sound", [], []]);
  });

  it("leaves nothing when it fails, as with a full disk", async () => {
    const full = async (_shape: unknown, { draft }: FreezeOptions): Promise<void> => {
      writeFileSync(join(draft, "memory"), "half-made");
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    };
    const error = await makeTemplate(SHAPE, options(false), full).catch((reason: unknown) => reason);
    expect((error as NodeJS.ErrnoException).code).to.equal("ENOSPC");
    expect(drafts()).to.deep.equal([]);
    expect(await state()).to.equal("absent");
    await makeTemplate(SHAPE, options(false), freeze);
    expect(await state()).to.equal("sound");
  });

  it("leaves nothing, and holds nobody up, when it is killed in the middle", async () => {
    const module = JSON.stringify(join(ROOT, "core/machine/template/make.ts"));
    const script = `
      import { makeTemplate } from ${module};
      import { writeFileSync } from "node:fs";
      await makeTemplate(${JSON.stringify(SHAPE)}, { cacheDir: ${JSON.stringify(test.cacheDir)}, bootDeadlineMs: 1, signal: new AbortController().signal, wait: false }, async (shape, { draft }) => {
        writeFileSync(draft + "/memory", "half-made");
        console.log("half-made");
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    expect(drafts()).to.have.length(1);
    child.kill("SIGKILL");
    await once(child, "exit");
    await makeTemplate(SHAPE, options(true), freeze);
    expect(frozen).to.equal(1);
    expect(drafts()).to.deep.equal([]);
  });
});
