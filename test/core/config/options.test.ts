import { expect } from "chai";
import { z } from "zod";
import { bytes, duration, milliseconds, size } from "../../../core/config/quantities.ts";
import { optionsOf, sectionsOf } from "../../../core/config/options.ts";
import { definePlugin } from "../../../core/plugin.ts";
import { PLUGINS } from "./fixture.ts";

describe("The options", () => {
  it("are found through every wrapping, with kind, default and description", () => {
    const options = new Map(optionsOf(sectionsOf(PLUGINS)).map((option) => [option.key, option]));
    expect(options.get("guard.nested.depthLimit")).to.include({ kind: "number", fallback: 3, description: "How deep", variable: "CLOCHE_GUARD_NESTED_DEPTH_LIMIT" });
    expect(options.get("guard.allow")).to.include({ kind: "texts", description: "Who may pass" });
    expect(options.get("guard.upstreams")).to.include({ kind: "json" });
    expect(options.get("guard.token")).to.include({ kind: "text", secret: true, description: "Something private" });
    expect(options.get("plugins.extra")).to.include({ kind: "boolean", fallback: true, description: "Adds something" });
    expect(options.get("image.mirror")).to.include({ kind: "text" });
  });

  it("must be a strict object, so that nothing passes that no rule has judged", () => {
    const named = (options: z.ZodObject) => [definePlugin({ name: "loose", description: "", options })];
    expect(() => optionsOf(sectionsOf(named(z.looseObject({}))))).to.throw("strictObject");
    expect(() => optionsOf(sectionsOf(named(z.strictObject({ below: z.object({}) }))))).to.throw("options at loose.below");
  });

  it("have a section of their own", () => {
    const twice = definePlugin({ name: "twice", section: "machine", description: "", options: z.strictObject({}) });
    expect(() => sectionsOf([twice])).to.throw('two plugins want the section "machine"');
  });

  it("read times and sizes", () => {
    expect([milliseconds("90s"), milliseconds("7d"), milliseconds("5ms"), milliseconds("2w")]).to.deep.equal([90_000, 604_800_000, 5, 1_209_600_000]);
    expect([bytes("4GiB"), bytes("4G"), bytes("512M"), bytes("1.5GiB")]).to.deep.equal([2 ** 32, 2 ** 32, 2 ** 29, 1.5 * 2 ** 30]);
    for (const bad of ["7", "d", "7 d", "-7d", "7y", "1e3s"]) expect(duration().safeParse(bad).success, bad).to.equal(false);
    for (const bad of ["4", "GiB", "4GB", "4 GiB", "-4GiB", "0x4G", "255MiB"]) expect(size(256).safeParse(bad).success, bad).to.equal(false);
  });
});
