import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { discoverPlugins } from "../../../core/config/discover.ts";
import { jsonSchemaText } from "../../../core/config/json-schema.ts";
import { optionsOf, sectionsOf } from "../../../core/config/options.ts";
import { packageRoot } from "../../../core/support/package-root.ts";

describe("The schema of the configuration", () => {
  it("is current: npm run schema writes it", async () => {
    expect(readFileSync(join(packageRoot(), "schema.json"), "utf8")).to.equal(jsonSchemaText(await discoverPlugins()));
  });

  it("describes every option of the core and the built-in plugins", async () => {
    const options = optionsOf(sectionsOf(await discoverPlugins()));
    expect(options.length).to.be.greaterThan(10);
    expect(options.filter(({ description }) => description === "").map(({ key }) => key)).to.deep.equal([]);
  });

  it("gives every option a variable of its own", async () => {
    const variables = optionsOf(sectionsOf(await discoverPlugins())).map(({ variable }) => variable);
    expect(new Set(variables).size).to.equal(variables.length);
    expect(variables).to.include.members(["CLOCHE_MACHINE_MEMORY", "CLOCHE_MACHINE_BOOT_DEADLINE", "CLOCHE_PLUGINS_EGRESS"]);
  });
});
