import { expect } from "chai";
import { failureOf, Place, seen } from "./fixture.ts";

describe("The layers of the configuration", () => {
  it("are the defaults when nobody says anything", async () => {
    using place = new Place();
    const configuration = await place.load();
    expect(configuration.core.image).to.deep.equal({ suite: "trixie", packages: [], maxAgeMs: 604_800_000, mirror: undefined });
    expect(configuration.core.machine.cpus).to.be.greaterThan(0);
    expect(configuration.core.machine.memoryBytes).to.be.within(256 * 2 ** 20, 8 * 2 ** 30);
    expect(seen(configuration, "machine.accel")).to.deep.equal({ value: "auto", from: "default" });
    expect(configuration.plugins.map(({ plugin, enabled }) => [plugin.name, enabled])).to.deep.equal([
      ["guard", true],
      ["narrow-er", false],
      ["extra", true],
      ["demanding", false],
      ["later", false],
    ]);
  });

  it("go over each other: user, user for this project, project, environment, command line", async () => {
    using place = new Place();
    const set = (level: number) => ({ plugins: { "narrow-er": true }, narrow: { level } });
    const level = async () => seen(await place.load(), "narrow.level");
    place.user(set(2));
    expect(await level()).to.deep.equal({ value: 2, from: "user" });
    place.asks({ narrow: { level: 4 } });
    expect(await level()).to.deep.equal({ value: 4, from: "project" });
    place.user({ ...set(2), projects: { [place.project]: { machine: { cpus: 1 } } } });
    expect(await level()).to.deep.equal({ value: 4, from: "project" });
    place.env["CLOCHE_NARROW_LEVEL"] = "5";
    expect(await level()).to.deep.equal({ value: 5, from: "environment" });
    const overrides = [
      { key: "narrow.level", text: "6", argument: "--set" },
      { key: "narrow.level", text: "7", argument: "--level" },
    ];
    const configuration = await place.load({ overrides });
    expect(seen(configuration, "narrow.level")).to.deep.equal({ value: 7, from: "command line" });
    expect(configuration.sourceOf(["narrow", "level"]).where).to.equal("--level");
    expect(configuration.plugins[1]?.options).to.deep.equal({ level: 7, wide: false });
  });

  it("let the user's section for this project go over his file, and leave other projects alone", async () => {
    using place = new Place();
    place.user({ machine: { cpus: 1, accel: "kvm" }, projects: { [place.project]: { machine: { cpus: 2 } }, "/elsewhere": { machine: { cpus: 3 } } } });
    const configuration = await place.load();
    expect(seen(configuration, "machine.cpus")).to.deep.equal({ value: 2, from: "user, this project" });
    expect(seen(configuration, "machine.accel")).to.deep.equal({ value: "kvm", from: "user" });
  });

  it("merge objects, and replace lists as a whole", async () => {
    using place = new Place();
    place.user({
      guard: { allow: ["a", "b"], upstreams: { "one.example": { port: 1 } } },
      projects: { [place.project]: { guard: { allow: ["c"], upstreams: { "two.example": { port: 2 } } } } },
    });
    const configuration = await place.load();
    expect(seen(configuration, "guard.allow")?.value).to.deep.equal(["c"]);
    expect(seen(configuration, "guard.upstreams")?.value).to.deep.equal({ "one.example": { port: 1 }, "two.example": { port: 2 } });
  });

  it("fill in no default over what the user said", async () => {
    using place = new Place();
    place.user({ machine: { accel: "tcg", memory: "1GiB" } });
    place.env["CLOCHE_MACHINE_CPUS"] = "1";
    const { core } = await place.load();
    expect(core.machine).to.include({ accel: "tcg", memoryBytes: 2 ** 30, cpus: 1 });
  });

  for (const [name, content] of [
    ["config.yaml", "machine:\n  cpus: 1 # one\n"],
    ["config.mjs", "export default { machine: { cpus: Number('1') } };\n"],
  ] as const) {
    it(`read the user's ${name}`, async () => {
      using place = new Place();
      place.file(`config/cloche/${name}`, content);
      expect(seen(await place.load(), "machine.cpus")).to.deep.equal({ value: 1, from: "user" });
    });
  }

  for (const name of [".clocherc", ".clocherc.json", ".clocherc.yaml", ".clocherc.yml", ".config/clocherc", ".config/clocherc.json", ".config/clocherc.yml"]) {
    it(`read the project's ${name}`, async () => {
      using place = new Place();
      place.file(`project/${name}`, { plugins: { "narrow-er": true } });
      expect(seen(await place.load(), "plugins.narrow-er")).to.deep.equal({ value: true, from: "project" });
    });
  }

  it("read the key cloche of the project's package.json, and nothing else of it", async () => {
    using place = new Place();
    place.file("project/package.json", { name: "x", extends: "y", machine: { cpus: 1 }, cloche: { plugins: { extra: false } } });
    expect(seen(await place.load(), "plugins.extra")).to.deep.equal({ value: false, from: "project" });
  });

  it("leave a package.json alone that does not speak of us, even a broken one", async () => {
    using place = new Place();
    place.file("project/package.json", "<<<<<<< HEAD\n{");
    await place.load();
    place.file("project/package.json", '{ "name": "cloche" }');
    await place.load();
  });

  it("understand texts of the environment by the option's type", async () => {
    using place = new Place();
    Object.assign(place.env, {
      CLOCHE_GUARD_ALLOW: "a, b",
      CLOCHE_GUARD_UPSTREAMS: '{"x": {"port": 1}}',
      CLOCHE_GUARD_NESTED_DEPTH_LIMIT: "9",
      CLOCHE_PLUGINS_EXTRA: "off",
      CLOCHE_PLUGINS_NARROW_ER: "on",
    });
    const configuration = await place.load();
    expect(configuration.plugins.map(({ enabled }) => enabled)).to.deep.equal([true, true, false, false, false]);
    expect(configuration.plugins[0]?.options).to.deep.include({ allow: ["a", "b"], upstreams: { x: { port: 1 } }, nested: { depthLimit: 9 } });
  });

  it("demand the options of a plugin only when it is on", async () => {
    using place = new Place();
    await place.load();
    place.user({ plugins: { demanding: true } });
    const failure = await failureOf(place.load());
    expect(failure.code).to.equal("CONFIG_INVALID");
    expect(failure.message).to.include("missing in your configuration: demanding.where");
  });

  it("refuse to enable what is not available, with its reason and who enabled it", async () => {
    using place = new Place();
    const file = place.user({ plugins: { later: true } });
    const failure = await failureOf(place.load());
    expect(failure.code).to.equal("PLUGIN_UNAVAILABLE");
    expect(`${failure.message} ${failure.hint}`).to.include("not written yet").and.include(file);
    await place.load({ purpose: "show" });
  });
});
