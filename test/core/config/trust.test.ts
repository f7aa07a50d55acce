import { expect } from "chai";
import type { Configuration } from "../../../core/config/configuration.ts";
import { valueAt } from "../../../core/config/values.ts";
import { requestLines } from "../../../core/trust/request.ts";
import { ignoredLines } from "../../../core/commands/trust-words.ts";
import { failureOf, Place, seen } from "./fixture.ts";

/** What is asked, and said of it when nobody decides. */
function asked({ trust }: Configuration): readonly string[] {
  return trust?.request ? requestLines(trust.request) : [];
}

const said = ({ trust }: Configuration): string => ignoredLines(trust).join("\n");

describe("What a project's own file may say", () => {
  it("is what tightens, as the plugins declare it", async () => {
    using place = new Place();
    place.asks({ plugins: { "narrow-er": true, extra: false }, narrow: { level: 9 } });
    const configuration = await place.load();
    expect(configuration.plugins.map(({ enabled }) => enabled)).to.deep.equal([true, true, false, false, false]);
    expect(seen(configuration, "narrow.level")).to.deep.equal({ value: 9, from: "project" });
  });

  const REFUSED: readonly (readonly [string, unknown, string])[] = [
    ["enable a plugin that nobody allowed it to", { plugins: { demanding: true } }, "plugins.demanding: true"],
    ["disable a plugin that protects", { plugins: { guard: false } }, "plugins.guard: false"],
    ["set an option that it has no right to", { narrow: { wide: true } }, "narrow.wide: true"],
    ["set an option below another", { guard: { nested: { depthLimit: 99 } } }, "guard.nested.depthLimit: 99"],
    ["add to a list", { guard: { allow: ["evil.example"] } }, 'guard.allow: ["evil.example"]'],
    ["add to a table", { guard: { upstreams: { "a.example": { port: 1 } } } }, 'guard.upstreams: {"a.example":{"port":1}}'],
    ["add packages", { image: { packages: ["x11-apps"] } }, 'image.packages: ["x11-apps"]'],
    ["choose another release", { image: { suite: "sid" } }, 'image.suite: "sid"'],
    ["choose where packages come from", { image: { mirror: "http://evil.example/" } }, 'image.mirror: "http://evil.example/"'],
    ["take memory", { machine: { memory: "64GiB" } }, 'machine.memory: "64GiB"'],
    ["choose the accelerator", { machine: { accel: "tcg" } }, 'machine.accel: "tcg"'],
    ["name a program of the host", { machine: { qemuRoot: "/tmp/evil" } }, 'machine.qemuRoot: "/tmp/evil"'],
  ];
  for (const [what, request, shown] of REFUSED) {
    it(`is not to ${what}: it is out of force, and said with file, key and way out`, async () => {
      using place = new Place();
      const file = place.asks(request);
      const configuration = await place.load();
      expect(said(configuration)).to.include(file).and.include(shown).and.include("cloche trust accept ");
      const key = shown.slice(0, shown.indexOf(":"));
      expect(valueAt(configuration.trust?.layer.values, key.split("."))).to.equal(undefined);
      expect(seen(configuration, key)?.from).to.not.equal("project");
    });
  }

  it("lists everything that is asked, at once", async () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" }, plugins: { demanding: true, "narrow-er": true } });
    expect(asked(await place.load())).to.have.members(["plugins.demanding: true", 'machine.accel: "tcg"']);
  });

  it("is granted by the same value in the user's section for this project", async () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" } });
    place.user({ projects: { [place.project]: { machine: { accel: "tcg" } } } });
    expect(seen(await place.load(), "machine.accel")).to.deep.equal({ value: "tcg", from: "user, this project" });
  });

  it("is declined by another value there, also where it would only have tightened", async () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" }, plugins: { extra: false, "narrow-er": true } });
    place.user({ projects: { [place.project]: { machine: { accel: "kvm" }, plugins: { extra: true, "narrow-er": false } } } });
    const configuration = await place.load();
    expect(configuration.core.machine.accel).to.equal("kvm");
    expect(configuration.plugins.map(({ enabled }) => enabled)).to.deep.equal([true, false, true, false, false]);
  });

  it("is not granted by the user's section for another project", async () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" } });
    place.user({ projects: { [`${place.project}-2`]: { machine: { accel: "tcg" } } } });
    expect(asked(await place.load())).to.deep.equal(['machine.accel: "tcg"']);
  });

  it("asks nothing where it says what holds anyway", async () => {
    using place = new Place();
    place.user({ machine: { memory: "2GiB" } });
    place.asks({ machine: { memory: "2GiB", accel: "auto" }, plugins: { guard: true, demanding: false } });
    expect(seen(await place.load(), "machine.memory")).to.deep.equal({ value: "2GiB", from: "user" });
  });

  it("cannot overrule the user's own no", async () => {
    using place = new Place();
    place.user({ plugins: { "narrow-er": false } });
    place.asks({ plugins: { "narrow-er": true } });
    const configuration = await place.load();
    expect(asked(configuration)).to.deep.equal(["plugins.narrow-er: true"]);
    expect(configuration.plugins.find(({ plugin }) => plugin.name === "narrow-er")?.enabled).to.equal(false);
  });

  it("cannot trust itself", async () => {
    using place = new Place();
    place.asks({ projects: { [place.project]: { machine: { accel: "tcg" } } } });
    const failure = await failureOf(place.load());
    expect(failure.code).to.equal("CONFIG_INVALID");
    expect(failure.message).to.include("projects: there is no such option");
  });

  it("is shown, and out of force, when the configuration is only looked at", async () => {
    using place = new Place();
    const file = place.asks({ machine: { accel: "tcg" }, narrow: { level: 3 } });
    const configuration = await place.load({ purpose: "show" });
    expect(configuration.trust?.request?.asks).to.deep.equal([{ key: "machine.accel", path: ["machine", "accel"], value: "tcg", file }]);
    expect(configuration.core.machine.accel).to.equal("auto");
    expect(seen(configuration, "narrow.level")?.value).to.equal(3);
  });
});
