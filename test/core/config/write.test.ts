import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { writeChange } from "../../../core/config/write.ts";
import { failureOf, Place } from "./fixture.ts";

const write = (place: Place, path: readonly string[], value: unknown, project: string | undefined = place.project) =>
  writeChange({ directory: place.config, project, path, value });

const read = (place: Place): unknown => JSON.parse(readFileSync(join(place.config, "config.json"), "utf8"));

describe("Writing the user's configuration", () => {
  it("makes the file, for the user alone, with the project's real path as the section", async () => {
    using place = new Place();
    const file = await write(place, ["plugins", "extra"], false);
    expect(read(place)).to.deep.equal({ projects: { [place.project]: { plugins: { extra: false } } } });
    expect(lstatSync(file).mode & 0o777).to.equal(0o600);
    expect((await place.load()).plugins[2]?.enabled).to.equal(false);
  });

  it("keeps all that the file holds, its order and its indentation", async () => {
    using place = new Place();
    const before = `{\n\t"$schema": "x",\n\t"plugins": {\n\t\t"extra": true\n\t},\n\t"machine": {\n\t\t"cpus": 1\n\t}\n}\n`;
    const file = place.file("config/cloche/config.json", before);
    await writeChange({ directory: place.config, project: undefined, path: ["plugins", "extra"], value: false });
    expect(readFileSync(file, "utf8")).to.equal(before.replace("true", "false"));
  });

  it("loses no change when several write at once", async () => {
    using place = new Place();
    place.user({ guard: { mode: "open" } });
    await Promise.all([..."abcdefgh"].map((project) => write(place, ["machine", "cpus"], 1, `/${project}`)));
    const sections = Object.fromEntries([..."abcdefgh"].map((project) => [`/${project}`, { machine: { cpus: 1 } }]));
    expect(read(place)).to.deep.equal({ guard: { mode: "open" }, projects: sections });
  });

  it("goes on after a crash in the middle of a write", async () => {
    using place = new Place();
    const draft = place.file("config/cloche/config.json.new", "{ half");
    utimesSync(draft, 1, 1);
    await write(place, ["machine", "cpus"], 1);
    expect(readdirSync(place.config)).to.deep.equal(["config.json"]);
  });

  it("keeps a link and writes where it leads", async () => {
    using place = new Place();
    const target = place.file("dotfiles/cloche.json", {});
    const link = join(place.config, "config.json");
    symlinkSync(target, link);
    await write(place, ["machine", "cpus"], 1);
    expect(readlinkSync(link)).to.equal(target);
    expect(readFileSync(target, "utf8")).to.include("cpus");
  });

  it("changes YAML and keeps its comments, and takes values out of either", async () => {
    using place = new Place();
    const text = "# mine\nmachine:\n  cpus: 1 # one is enough\nguard:\n  mode: open\n";
    const file = place.file("config/cloche/config.yaml", text);
    await writeChange({ directory: place.config, project: undefined, path: ["machine", "cpus"], value: 2 });
    expect(readFileSync(file, "utf8")).to.equal(text.replace("cpus: 1", "cpus: 2"));
    await write(place, ["plugins", "extra"], false);
    expect((await place.load()).plugins[2]?.enabled).to.equal(false);
    await writeChange({ directory: place.config, project: undefined, path: ["guard"], value: undefined });
    expect(readFileSync(file, "utf8")).to.include("# one is enough").and.not.include("guard");
    await write(place, ["plugins", "extra"], undefined);
    expect((await place.load()).plugins[2]?.enabled).to.equal(true);
  });

  it("takes a value out of JSON", async () => {
    using place = new Place();
    place.user({ machine: { cpus: 1, accel: "tcg" } });
    await writeChange({ directory: place.config, project: undefined, path: ["machine", "cpus"], value: undefined });
    expect(read(place)).to.deep.equal({ machine: { accel: "tcg" } });
  });

  for (const [name, content, why] of [
    ["config.mjs", "export default {};\n", "code"],
  ] as const) {
    it(`leaves ${name} as it is and says what to add`, async () => {
      using place = new Place();
      const file = place.file(`config/cloche/${name}`, content);
      const failure = await failureOf(write(place, ["plugins", "extra"], false));
      expect(failure.code).to.equal("CONFIG_NOT_EDITABLE");
      expect(failure.message).to.include(file).and.include(why);
      expect(JSON.parse(failure.hint.slice(failure.hint.indexOf("{")))).to.deep.equal({ projects: { [place.project]: { plugins: { extra: false } } } });
      expect(readFileSync(file, "utf8")).to.equal(content);
    });
  }

  it("does not write into a file that is broken", async () => {
    using place = new Place();
    const file = place.file("config/cloche/config.json", "{ broken");
    expect((await failureOf(write(place, ["machine", "cpus"], 1))).code).to.equal("CONFIG_SYNTAX");
    expect(readFileSync(file, "utf8")).to.equal("{ broken");
  });

  it("says so when the directory cannot be written, and leaves nothing behind", async () => {
    using place = new Place();
    writeFileSync(join(place.root, "file"), "");
    const failure = await failureOf(writeChange({ directory: join(place.root, "file/cloche"), project: undefined, path: ["machine", "cpus"], value: 1 }));
    expect(failure.code).to.equal("CONFIG_NOT_WRITTEN");
    expect(existsSync(join(place.root, "file/cloche"))).to.equal(false);
    await write(place, ["machine", "cpus"], 1);
    expect(readdirSync(place.config)).to.deep.equal(["config.json"]);
  });
});
