import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { forgetKept, keptDirectory, listKept } from "../../../core/kept/kept-state.ts";

describe("What is kept between sessions", () => {
  let state: string;
  beforeEach(() => (state = mkdtempSync("/tmp/clk-")));
  afterEach(() => rmSync(state, { recursive: true, force: true }));

  it("has a private directory for each project, the same the next time, and is listed with its size", async () => {
    const mine = keptDirectory(join(state, "cloche"), "/home/me/a project", "claude");
    expect(keptDirectory(join(state, "cloche"), "/home/me/a project", "claude")).to.equal(mine);
    expect(keptDirectory(join(state, "cloche"), "/home/me/another", "claude")).to.not.equal(mine);
    expect(statSync(mine).mode & 0o777).to.equal(0o700);
    writeFileSync(join(mine, "transcript"), "12345");
    const [first, second] = await listKept(join(state, "cloche"));
    expect(first).to.include({ project: "/home/me/a project", files: 1, bytes: 5 });
    expect(first?.parts).to.deep.equal(["claude"]);
    expect(second).to.include({ project: "/home/me/another", files: 0, bytes: 0, changed: null });
  });

  it("is measured and forgotten without following a link that a guest left", async () => {
    const outside = join(state, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "precious"), "x".repeat(1000));
    const kept = keptDirectory(join(state, "cloche"), "/p", "claude");
    symlinkSync(outside, join(kept, "folder"));
    symlinkSync(join(outside, "precious"), join(kept, "file"));
    symlinkSync(kept, join(kept, "loop"));
    const [only] = await listKept(join(state, "cloche"));
    expect(only).to.include({ files: 3 });
    expect(only?.bytes).to.be.lessThan(500);
    await forgetKept(join(state, "cloche"), "/p");
    expect(existsSync(kept)).to.equal(false);
    expect(existsSync(join(outside, "precious"))).to.equal(true);
    expect(await listKept(join(state, "cloche"))).to.deep.equal([]);
  });

  it("says when there is nothing to forget, and passes over what is not ours", async () => {
    mkdirSync(join(state, "cloche/kept/notes"), { recursive: true });
    expect(await listKept(join(state, "cloche"))).to.deep.equal([]);
    expect(await forgetKept(join(state, "cloche"), "/p").catch((error: { code: string }) => error.code)).to.equal("STATE_NONE");
  });
});
