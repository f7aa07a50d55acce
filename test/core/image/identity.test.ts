import { expect } from "chai";
import { hashOf, layerHash, recipeHash } from "../../../core/image/identity.ts";
import type { Recipe, RecipeLayer } from "../../../core/image/recipe.ts";

const PLAIN: Recipe = { suite: "trixie", packages: ["git"], asked: [], files: [], commands: [], units: [], prepare: [], warm: [], layers: [] };
const layer = (key: Record<string, string>): RecipeLayer => ({ name: "agent", key, make: async () => {} });

describe("the name of an image", () => {
  const changes: [string, Partial<Recipe>][] = [
    ["the release", { suite: "bookworm" }],
    ["a package", { packages: ["git", "vim"] }],
    ["who asked for a package", { asked: ["git"] }],
    ["a file's content", { files: [{ path: "/a", content: "x" }] }],
    ["a command", { commands: ["true"] }],
    ["a unit", { units: ["x.service"] }],
    ["a step before the seed", { prepare: ["true"] }],
    ["a step before the template", { warm: ["true"] }],
  ];
  for (const [what, change] of changes) {
    it(`changes with ${what}`, () => {
      expect(recipeHash({ ...PLAIN, ...change })).not.to.equal(recipeHash(PLAIN));
    });
  }

  it("changes with the permissions of a file", () => {
    const file = { path: "/a", content: "x" };
    expect(recipeHash({ ...PLAIN, files: [file] })).not.to.equal(recipeHash({ ...PLAIN, files: [{ ...file, mode: 0o755 }] }));
  });

  it("does not change with the layers, which are named apart", () => {
    expect(recipeHash({ ...PLAIN, layers: [layer({ version: "1" })] })).to.equal(recipeHash(PLAIN));
  });

  it("of a layer changes with any part of its key, not with the order of the parts", () => {
    expect(layerHash(layer({ version: "1" }))).not.to.equal(layerHash(layer({ version: "2" })));
    expect(layerHash(layer({ a: "1", b: "2" }))).to.equal(layerHash(layer({ b: "2", a: "1" })));
  });

  it("tells lists from their joined text", () => {
    expect(hashOf(["ab", "c"])).not.to.equal(hashOf(["a", "bc"]));
  });
});
