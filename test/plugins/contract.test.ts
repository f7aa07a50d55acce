import { expect } from "chai";
import { discoverPlugins } from "../../core/config/discover.ts";
import { contractProblems } from "../../core/outside/contract.ts";
import { definePlugin } from "../../core/plugin.ts";
import { z } from "zod";
import { checkPlugin } from "../../testing/index.ts";

const builtIn = await discoverPlugins();

describe("Every plugin that comes with cloche", () => {
  for (const plugin of builtIn) {
    it(`keeps the contract: ${plugin.name}`, () => {
      expect(contractProblems(plugin)).to.deep.equal([]);
    });
  }
});

describe("The contract of plugins", () => {
  const good = { name: "good", api: 1, description: "Does something useful.", options: z.strictObject({ level: z.number().default(1).describe("How much") }), build() {} };

  it("is kept by a good one", () => {
    expect(() => checkPlugin(definePlugin(good))).to.not.throw();
  });

  const BAD: readonly (readonly [what: string, changed: object, problem: string])[] = [
    ["says nothing of itself", { description: "x" }, "no sentence"],
    ["has an option that says nothing of itself", { options: z.strictObject({ level: z.number().default(1) }) }, "good.level has no description"],
    ["lets unknown options pass", { options: z.looseObject({}) }, "must be a z.strictObject"],
    ["has two options with one variable", { options: z.strictObject({ aB: z.string().describe("One"), a_b: z.string().describe("Another") }) }, "CLOCHE_GOOD_A_B"],
    ["has no part in any phase", { build: undefined }, "part in no phase"],
    ["acts before any phase has come", { tap: (_hooks: unknown, reach: { progress: unknown }) => void reach.progress }, 'uses "progress" before'],
    ["taps under another name", { tap: (hooks: { boot: { tap(name: string, fn: () => void): void } }) => hooks.boot.tap("other", () => {}) }, 'called "other"'],
    ["taps what is no phase", { tap: (hooks: Record<string, { tap(): void }>) => hooks["bot"]?.tap() }, '"bot"'],
    ["takes a section of ours", { section: "machine" }, "cloche's own"],
  ];
  for (const [what, changed, problem] of BAD) {
    it(`is not kept by one that ${what}`, () => {
      const plugin = definePlugin({ ...good, ...changed } as never);
      expect(contractProblems(plugin).join("\n")).to.include(problem);
      expect(() => checkPlugin(plugin)).to.throw("does not keep the contract");
    });
  }
});
