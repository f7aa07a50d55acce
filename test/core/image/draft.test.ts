import { expect } from "chai";
import { RecipeCollector } from "../../../core/image/draft.ts";
import { isFailure } from "../../../core/support/errors.ts";

function thrownBy(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("RecipeCollector", () => {
  it("keeps once what two plugins ask for alike", () => {
    const draft = new RecipeCollector("trixie");
    draft.addPackages("nodejs", "git");
    draft.addPackages("git");
    draft.addUnit("docker.service");
    draft.addUnit("docker.service");
    draft.addFile({ path: "/etc/motd", content: "hello" });
    draft.addFile({ path: "/etc/motd", content: "hello" });
    const recipe = draft.finish();
    expect(recipe.packages).to.deep.equal(["git", "nodejs"]);
    expect(recipe.units).to.deep.equal(["docker.service"]);
    expect(recipe.files).to.have.length(1);
  });

  it("makes the same recipe in whatever order plugins ask for packages, units and files", () => {
    const one = new RecipeCollector("trixie");
    one.addPackages("a", "b");
    one.addFile({ path: "/a", content: "" });
    one.addFile({ path: "/b", content: "" });
    const other = new RecipeCollector("trixie");
    other.addFile({ path: "/b", content: "" });
    other.addPackages("b", "a");
    other.addFile({ path: "/a", content: "" });
    expect(one.finish()).to.deep.equal(other.finish());
  });

  it("keeps commands in their order, and also those that are there twice", () => {
    const draft = new RecipeCollector("trixie");
    for (const line of ["second", "first", "second"]) {
      draft.addCommand(line);
      draft.addPrepare(`prepare ${line}`);
      draft.addWarm(`warm ${line}`);
    }
    const { commands, prepare, warm } = draft.finish();
    expect(commands).to.deep.equal(["second", "first", "second"]);
    expect([prepare, warm]).to.deep.equal(["prepare", "warm"].map((kind) => commands.map((line) => `${kind} ${line}`)));
  });

  it("refuses two contents for one file, and names it", () => {
    const draft = new RecipeCollector("trixie");
    draft.addFile({ path: "/etc/motd", content: "one" });
    const error = thrownBy(() => draft.addFile({ path: "/etc/motd", content: "two" }));
    expect(isFailure(error, "RECIPE_FILE_TWICE")).to.equal(true);
    expect((error as Error).message).to.contain("/etc/motd");
  });

  it("refuses two layers of one name", () => {
    const draft = new RecipeCollector("trixie");
    const layer = { name: "agent", key: {}, make: async () => {} };
    draft.addLayer(layer);
    expect(isFailure(thrownBy(() => draft.addLayer(layer)), "RECIPE_LAYER_TWICE")).to.equal(true);
  });

  it("does not change a recipe that it has handed out", () => {
    const draft = new RecipeCollector("trixie");
    const recipe = draft.finish();
    draft.addPackages("git");
    draft.addCommand("true");
    expect(recipe.packages).to.deep.equal([]);
    expect(recipe.commands).to.deep.equal([]);
  });
});
