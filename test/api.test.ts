import { expect } from "chai";
import { apiPage, exportsOf } from "../scripts/docs/api-page.ts";
import { readSource, ROOT } from "./support/sources.ts";

const all = [...exportsOf(ROOT, "core/index.ts"), ...exportsOf(ROOT, "testing/index.ts")];

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
