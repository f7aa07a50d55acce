import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { failureOf, Place, seen } from "../config/fixture.ts";

const plugin = (name: string, more = "") =>
  `import { definePlugin, z } from "cloche";
export default definePlugin({ name: "${name}", api: 1, description: "of the user", options: z.strictObject({ level: z.number().default(1).describe("How much") }), ${more} });`;

/** What comes of loading a plugin with this text. */
async function failureWith(text: string, file = "mine.mjs", where = "config/cloche/mine"): Promise<{ code: string; message: string; hint: string }> {
  using place = new Place();
  place.file(`${where}/${file}`, text);
  place.user({ load: [`./mine/${file}`] });
  return await failureOf(place.load());
}

describe("A plugin that did not come with cloche", () => {
  for (const [what, load, file] of [
    ["a file", "./mine/tools.mjs", "config/cloche/mine/tools.mjs"],
    ["TypeScript", "./mine/tools.ts", "config/cloche/mine/tools.ts"],
    ["a folder with an index", "./mine", "config/cloche/mine/index.ts"],
  ] as const) {
    it(`is loaded from the directory of the user's configuration: ${what}`, async () => {
      using place = new Place();
      const path = place.file(file, plugin("tools", "onByDefault: true"));
      place.user({ load: [load], tools: { level: 5 } });
      const configuration = await place.load();
      const { plugin: loaded, enabled, options } = configuration.plugins.at(-1) ?? {};
      expect({ name: loaded?.name, file: loaded?.file, enabled, options }).to.deep.equal({ name: "tools", file: path, enabled: true, options: { level: 5 } });
      expect(seen(configuration, "tools.level")?.from).to.equal("user");
    });
  }

  it("may be an installed package, by what its package.json exports", async () => {
    using place = new Place();
    place.file("config/cloche/node_modules/cloche-tools/lib/main.js", plugin("tools"));
    place.file("config/cloche/node_modules/cloche-tools/package.json", { name: "cloche-tools", type: "module", exports: { ".": { import: "./lib/main.js" } } });
    place.user({ load: ["cloche-tools"] });
    expect((await place.load()).plugins.at(-1)?.plugin.name).to.equal("tools");
  });

  it("can be set by a variable and by the command line as any other", async () => {
    using place = new Place();
    place.file("config/cloche/tools.mjs", plugin("tools"));
    place.user({ load: ["./tools.mjs"] });
    const configuration = await place.load({ env: { ...place.env, CLOCHE_TOOLS_LEVEL: "7" }, overrides: [{ key: "plugins.tools", text: "true", argument: "--enable tools" }] });
    expect(configuration.plugins.at(-1)).to.deep.include({ enabled: true, options: { level: 7 } });
  });

  it("is loaded for one project alone when the user says so there", async () => {
    using place = new Place();
    place.file("config/cloche/tools.mjs", plugin("tools"));
    place.user({ projects: { [place.project]: { load: ["./tools.mjs"] } } });
    expect((await place.load()).plugins.at(-1)?.plugin.name).to.equal("tools");
    expect((await place.load({ project: undefined })).plugins.at(-1)?.plugin.name).to.equal("later");
  });

  const BROKEN: readonly (readonly [what: string, text: string, code: string, says: readonly string[]])[] = [
    ["does not load", "import './nowhere.mjs';", "PLUGIN_NOT_LOADED", ["nowhere.mjs"]],
    ["throws when it is loaded", "throw new Error('out of order');", "PLUGIN_NOT_LOADED", ["out of order"]],
    ["has no default export", "export const plugin = 1;", "PLUGIN_NO_EXPORT", ["nothing"]],
    ["exports what is no plugin", "export default { name: 'tools' };", "PLUGIN_NO_EXPORT", ["something else"]],
    ["wants another version", plugin("tools").replace("api: 1", "api: 2"), "PLUGIN_API", ["version 2", "version 1"]],
    ["says no version", plugin("tools").replace("api: 1,", ""), "PLUGIN_API", ["no version"]],
    ["taps an unknown phase", plugin("tools", "provison() {}"), "PLUGIN_NOT_LOADED", ['"provison"', "build, boot, provision"]],
    ["lets projects set an option that it has not", plugin("tools", "project: { set: ['levl'] }"), "PLUGIN_NOT_LOADED", ['"levl"', '"level"']],
    ["depends on itself", plugin("tools", "needs: ['tools']"), "PLUGIN_NOT_LOADED", ["after itself"]],
    ["has a name of ours", plugin("guard"), "PLUGIN_NAME_TAKEN", ['"guard"', "comes with cloche"]],
    ["wants a section of ours", plugin("tools", "section: 'machine'"), "PLUGIN_NAME_TAKEN", ['"machine"', "cloche itself"]],
    ["has a name that is none", plugin("Tools and more"), "PLUGIN_NOT_LOADED", ["small letters"]],
    ["depends on one that is off", plugin("tools", "onByDefault: true, needs: ['extra-not']"), "PLUGIN_NEEDS_OFF", ['"extra-not"', "does not exist"]],
    ["comes after one that does not exist", plugin("tools", "onByDefault: true, after: ['nobody']"), "PLUGIN_ORDER_UNKNOWN", ['"nobody"']],
  ];
  for (const [what, text, code, says] of BROKEN) {
    it(`is named in one line with its file when it ${what}`, async () => {
      const failure = await failureWith(text);
      expect(failure.code, failure.message).to.equal(code);
      expect(failure.message.split("\n")).to.have.length(1);
      expect(failure.message).to.include("/mine/mine.mjs");
      for (const part of says) expect(failure.message).to.include(part);
      expect(failure.hint).to.not.equal("");
    });
  }

  it("is named with its file, and so is the other, when two come after each other", async () => {
    using place = new Place();
    const files = [["egg", "hen"], ["hen", "egg"]].map(([name = "", after]) => place.file(`config/cloche/${name}.mjs`, plugin(name, `onByDefault: true, after: ['${after}']`)));
    place.user({ load: ["./egg.mjs", "./hen.mjs"] });
    const failure = await failureOf(place.load());
    expect(failure.code).to.equal("PLUGIN_ORDER_CYCLE");
    expect(failure.message).to.equal(`The plugins "egg" (${files[0]}), "hen" (${files[1]}) each want to come after the other.`);
  });

  it("names a plugin that needs one which is off, and goes on when it is on", async () => {
    using place = new Place();
    place.file("config/cloche/tools.mjs", plugin("tools", "onByDefault: true, needs: ['extra']"));
    place.user({ load: ["./tools.mjs"], plugins: { extra: false } });
    expect((await failureOf(place.load())).message).to.include('"extra", which is off');
    place.user({ load: ["./tools.mjs"] });
    expect((await place.load()).plugins.at(-1)?.enabled).to.equal(true);
  });

  it("says what stands in the configuration when nothing is there", async () => {
    using place = new Place();
    const file = place.user({ load: ["./gone.mjs"] });
    expect((await failureOf(place.load())).message).to.equal(`The plugin "./gone.mjs", which ${file} loads, is not there: there is no such file or folder.`);
    place.user({ load: ["cloche-not-installed"] });
    expect((await failureOf(place.load())).message).to.include("no such package is installed");
  });

  it("is not loaded from where the agent can write it, through a link neither", async () => {
    using place = new Place();
    const inside = place.file("project/tools.mjs", plugin("tools"));
    place.user({ load: [inside] });
    expect((await failureOf(place.load())).code).to.equal("PLUGIN_IN_PROJECT");
    symlinkSync(inside, join(place.config, "tools.mjs"));
    place.user({ load: ["./tools.mjs"] });
    expect((await failureOf(place.load())).code).to.equal("PLUGIN_IN_PROJECT");
    expect((await place.load({ project: undefined })).plugins.at(-1)?.plugin.name).to.equal("tools");
  });

  it("is not loaded when somebody else could have written it", async () => {
    using place = new Place();
    const file = place.file("config/cloche/tools.mjs", plugin("tools"));
    chmodSync(file, 0o666);
    place.user({ load: ["./tools.mjs"] });
    const failure = await failureOf(place.load());
    expect(failure.code).to.equal("PLUGIN_EXPOSED");
    expect(failure.hint).to.include(`chmod go-w '${file}'`);
  });

  it("gets the cloche and the zod that run, wherever it lies and whatever lies beside it", async () => {
    using place = new Place();
    mkdirSync(join(place.config, "node_modules/cloche"), { recursive: true });
    writeFileSync(join(place.config, "node_modules/cloche/index.js"), "throw new Error('another cloche')");
    place.file("config/cloche/tools.mjs", plugin("tools").replace(", z } from", " } from").replace(";", ";import { z } from 'zod';"));
    place.user({ load: ["./tools.mjs"] });
    expect((await place.load()).plugins.at(-1)?.plugin.name).to.equal("tools");
  });
});
