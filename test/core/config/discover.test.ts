import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { discoverPlugins } from "../../../core/config/discover.ts";
import { loadData } from "../../../core/config/explorer.ts";
import { failureOf, Place } from "./fixture.ts";

describe("Finding the plugins", () => {
  it("finds the built-in ones by their folders, in the order of their names", async () => {
    const names = (await discoverPlugins()).map(({ name }) => name);
    expect(names).to.include.members(["claude", "egress"]);
    expect(names).to.deep.equal([...names].sort());
  });

  for (const [what, code, says] of [
    ["throws when loaded", "throw new Error('no luck');", "no luck"],
    ["exports nothing", "export const a = 1;", "no plugin by default"],
    ["has another name than its folder", 'export default { name: "other", install() {} };', 'calls itself "other"'],
  ] as const) {
    it(`names one that ${what}`, async () => {
      using place = new Place();
      mkdirSync(join(place.root, "plugins/mine"), { recursive: true });
      const file = join(place.root, "plugins/mine/index.ts");
      writeFileSync(file, code);
      const failure = await failureOf(discoverPlugins(join(place.root, "plugins")));
      expect(failure.code).to.equal("PLUGIN_BROKEN");
      expect(failure.message).to.include(file).and.include(says);
    });
  }

  it("passes over files and folders without an index", async () => {
    using place = new Place();
    mkdirSync(join(place.root, "plugins/empty"), { recursive: true });
    writeFileSync(join(place.root, "plugins/README.md"), "");
    expect(await discoverPlugins(join(place.root, "plugins"))).to.deep.equal([]);
    expect(await discoverPlugins(join(place.root, "nothing"))).to.deep.equal([]);
  });
});

describe("Loading a file of data", () => {
  for (const ending of ["js", "cjs", "mjs", "ts", "cts", "mts"]) {
    it(`refuses .${ending} by its name, should it ever be asked for one`, async () => {
      using place = new Place();
      const file = place.file(`project/x.${ending}`, "process.exit(66);");
      expect((await failureOf(loadData(file, "process.exit(66);"))).code).to.equal("CONFIG_CODE");
    });
  }
});
