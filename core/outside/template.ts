/** A file of a new plugin, relative to its folder. */
export interface TemplateFile {
  readonly path: string;
  readonly content: string;
}

/** The files of a plugin that works, for its author to change. It is JavaScript, so that it runs as it is wherever it is installed. */
export function pluginTemplate(name: string): readonly TemplateFile[] {
  return [
    { path: "index.js", content: INDEX.replaceAll("NAME", name) },
    { path: "index.test.js", content: TEST.replaceAll("NAME", name) },
    { path: "package.json", content: `${JSON.stringify(manifest(name), undefined, 2)}\n` },
  ];
}

function manifest(name: string): object {
  return { name: `cloche-plugin-${name}`, version: "0.1.0", type: "module", exports: "./index.js", files: ["index.js"], keywords: ["cloche-plugin"] };
}

const INDEX = `// @ts-check
import { definePlugin, z } from "cloche";

// A method for each phase that the plugin has a part in: build, boot, provision, attach, teardown.
export default definePlugin({
  name: "NAME",
  api: 1,
  description: "Puts Debian packages into the image and greets in the guest.",
  options: z.strictObject({
    packages: z.array(z.string()).default([]).describe("Debian packages that the image gets"),
    greeting: z.string().default("hello").describe("What stands in /etc/NAME in the guest"),
  }),

  build(recipe, { options }) {
    recipe.addPackages(...options.packages);
  },

  async provision(guest, { options }) {
    await guest.writeFile("/etc/NAME", options.greeting + "\\n");
  },
});
`;

const TEST = `import assert from "node:assert/strict";
import { test } from "node:test";
import { checkPlugin, rehearse } from "cloche/testing";
import plugin from "./index.js";

test("keeps the contract that all plugins have", () => checkPlugin(plugin));

test("puts its packages into the image", async () => {
  const { recipe, error } = await rehearse(plugin, { options: { packages: ["jq"] } });
  assert.equal(error, undefined);
  assert.deepEqual(recipe?.packages, ["jq"]);
});

test("greets in the guest", async () => {
  const { files } = await rehearse(plugin, { options: { greeting: "good morning" } });
  assert.equal(files["/etc/NAME"], "good morning\\n");
});
`;
