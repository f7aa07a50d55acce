import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { apiPage, exportsOf } from "../scripts/docs/api-page.ts";
import { readSource, ROOT } from "./support/sources.ts";

const all = [...exportsOf(ROOT, "core/index.ts"), ...exportsOf(ROOT, "testing/index.ts")];

describe("The package", () => {
  it("exports the interface and the kit, with their types, from what the build makes of the sources", () => {
    const { exports, files } = JSON.parse(readSource("package.json")) as { exports: Record<string, Record<string, string>>; files: string[] };
    expect(Object.keys(exports)).to.deep.equal([".", "./testing"]);
    for (const targets of Object.values(exports)) {
      const { types = "", default: module = "" } = targets;
      expect(module.replace(/\.js$/, ".d.ts")).to.equal(types);
      expect(existsSync(join(ROOT, module.replace("./dist/", "").replace(/\.js$/, ".ts"))), module).to.equal(true);
    }
    expect(files).to.include.members(["dist", "docs", "examples"]);
  });
});

describe("The interface of plugins", () => {
  it("is described in docs/plugin-api.md as its sources describe it (npm run docs:api)", () => {
    expect(readSource("docs/plugin-api.md")).to.equal(apiPage(ROOT));
  });

  it("says of everything what it is for", () => {
    expect(all.length).to.be.greaterThan(30);
    expect(all.filter(({ comment }) => comment === "").map(({ name, file }) => `${file}: ${name}`)).to.deep.equal([]);
  });

  it("shows a declaration of everything", () => {
    expect(all.filter(({ name, declaration }) => !declaration.includes(name)).map(({ name }) => name)).to.deep.equal([]);
  });
});
