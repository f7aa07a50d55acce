import { expect } from "chai";
import { failureOf, Place, seen } from "./fixture.ts";

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
  for (const [what, asked, shown] of REFUSED) {
    it(`is not to ${what}: the start is refused, with file, key and way out`, async () => {
      using place = new Place();
      const file = place.asks(asked);
      const failure = await failureOf(place.load());
      expect(failure.code).to.equal("CONFIG_UNTRUSTED");
      expect(failure.message).to.include(file).and.include(shown);
      expect(failure.hint).to.include(`projects."${place.project}"`).and.include("cloche config set");
    });
  }

  it("lists everything that is asked, at once", async () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" }, plugins: { demanding: true, "narrow-er": true } });
    const { message } = await failureOf(place.load());
    expect(message).to.include("machine.accel").and.include("plugins.demanding").and.not.include("narrow");
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
    expect((await failureOf(place.load())).code).to.equal("CONFIG_UNTRUSTED");
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
    expect((await failureOf(place.load())).code).to.equal("CONFIG_UNTRUSTED");
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
    expect(configuration.asks).to.deep.equal([{ key: "machine.accel", value: "tcg", file }]);
    expect(configuration.core.machine.accel).to.equal("auto");
  });

  it("is quoted for the shell where the user may copy it, and escaped for the terminal", async () => {
    using place = new Place();
    place.asks({ image: { mirror: "http://a.example/'; rm -rf ~ #\u001b[2J" }, guard: { allow: ["'$(id)'"] } });
    const { hint, message } = await failureOf(place.load());
    expect(hint).to.include(`cloche config set guard.allow '["'\\''$(id)'\\''"]'`);
    expect(hint + message).to.not.include("\u001b");
    expect(hint).to.not.include("rm -rf");
  });
});
