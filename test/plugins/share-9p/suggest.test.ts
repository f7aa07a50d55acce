import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { suggestion } from "../../../plugins/share-9p/suggest.ts";

describe("The suggestion of local directories", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "cloche-suggest-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is made once, by what the project is, unless the user has them already", () => {
    const state = join(folder, "state");
    expect(suggestion(state, folder, [])).to.equal(undefined);
    writeFileSync(join(folder, "package.json"), "{}");
    writeFileSync(join(folder, "Cargo.toml"), "");
    expect(suggestion(state, folder, ["node_modules", "target"])).to.equal(undefined);
    expect(suggestion(state, folder, ["target"])).to.include("share.local: [node_modules]");
    expect(suggestion(state, folder, [])).to.equal(undefined);
  });
});
