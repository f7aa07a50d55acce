import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "chai";
import { exposureOf } from "../../../core/config/exposure.ts";
import { failureOf, Place } from "./fixture.ts";

interface BadFile {
  readonly what: string;
  readonly code: string;
  readonly says: string;
  plant(file: string, place: Place): void;
}

const text = (content: string | Buffer) => (file: string) => writeFileSync(file, content);

const BAD_FILES: readonly BadFile[] = [
  { what: "is not UTF-8", code: "CONFIG_NOT_UTF8", says: "UTF-8", plant: text(Buffer.from([0x7b, 0xff, 0xfe, 0x7d])) },
  { what: "is UTF-16", code: "CONFIG_NOT_UTF8", says: "UTF-8", plant: text(Buffer.from("\ufeff{}", "utf16le")) },
  { what: "is not JSON", code: "CONFIG_SYNTAX", says: "not valid JSON", plant: text("{ machine: 4 ") },
  { what: "has 10 MB", code: "CONFIG_TOO_BIG", says: "256 KiB", plant: text(`{"a": "${"x".repeat(10_000_000)}"}`) },
  { what: "is a directory", code: "CONFIG_NOT_A_FILE", says: "a directory", plant: (file) => mkdirSync(join(file, "more"), { recursive: true }) },
  { what: "is a named pipe", code: "CONFIG_NOT_A_FILE", says: "a named pipe", plant: (file) => execFileSync("mkfifo", [file]) },
  { what: "is a link to nothing", code: "CONFIG_UNREADABLE", says: "link to nothing", plant: (file) => symlinkSync("/nowhere/at/all", file) },
  { what: "is a link to itself", code: "CONFIG_UNREADABLE", says: "ELOOP", plant: (file) => symlinkSync(file, file) },
  { what: "is a list", code: "CONFIG_NOT_PLAIN", says: "a list instead of an object", plant: text("[1]") },
  { what: "is a number", code: "CONFIG_NOT_PLAIN", says: "a number instead of an object", plant: text("4") },
  { what: "uses $import", code: "CONFIG_REACHES_OUT", says: "$import", plant: text('{"$import": "./x.cjs"}') },
  { what: "uses extends", code: "CONFIG_REACHES_OUT", says: "extends", plant: text('{"extends": "./x.json"}') },
  { what: "reaches for a prototype", code: "CONFIG_NOT_PLAIN", says: "__proto__", plant: text('{"machine": {"__proto__": {"accel": "tcg"}}}') },
  { what: "is nested without end", code: "CONFIG_NOT_PLAIN", says: "levels deep", plant: text(`{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}`) },
  { what: "holds an unknown section", code: "CONFIG_INVALID", says: 'machin: there is no such option. Did you mean "machine"?', plant: text('{"machin": {}}') },
  { what: "holds an unknown key", code: "CONFIG_INVALID", says: 'machine.memroy: there is no such option. Did you mean "memory"? There are: cpus', plant: text('{"machine": {"memroy": "1GiB"}}') },
  { what: "holds an unknown plugin", code: "CONFIG_INVALID", says: 'plugins.gaurd: there is no such plugin. Did you mean "guard"? There are: guard, narrow-er', plant: text('{"plugins": {"gaurd": true}}') },
  { what: "has a scalar for a section", code: "CONFIG_INVALID", says: "machine: Invalid input: expected object", plant: text('{"machine": 4}') },
];

describe("A configuration file", () => {
  for (const [owner, name] of [["project's", "project/.clocherc.json"], ["user's", "config/cloche/config.json"]] as const) {
    for (const { what, code, says, plant } of BAD_FILES) {
      it(`of the ${owner} that ${what} is refused by its name, with a way out`, async () => {
        using place = new Place();
        const file = join(place.root, name);
        plant(file, place);
        const failure = await failureOf(place.load());
        expect(failure.code, failure.message).to.equal(code);
        expect(failure.message).to.include(file).and.include(says);
        expect(failure.hint).to.not.equal("");
      });
    }
  }

  it("of the project's that is an empty directory is none: another session has put that there", async () => {
    using place = new Place();
    mkdirSync(join(place.project, ".clocherc.json"));
    await place.load();
    mkdirSync(join(place.config, "config.json"));
    expect((await failureOf(place.load())).code).to.equal("CONFIG_NOT_A_FILE");
  });

  it("that is a socket is refused", async () => {
    using place = new Place();
    const server = createServer().listen(join(place.project, ".clocherc"));
    await once(server, "listening");
    const failure = await failureOf(place.load());
    server.close();
    expect(failure.code).to.equal("CONFIG_NOT_A_FILE");
  });

  it("that is a device is refused", async () => {
    using place = new Place();
    symlinkSync("/dev/zero", join(place.config, "config.json"));
    expect((await failureOf(place.load())).code).to.equal("CONFIG_NOT_A_FILE");
  });

  for (const [what, content] of [
    ["aliases that multiply", `a: &a [1,1,1,1,1,1,1,1,1]\n${[..."bcdefghij"].map((name, at) => `${name}: &${name} [${`*${"abcdefghij"[at]},`.repeat(9)}]`).join("\n")}\n`],
    ["an alias of itself", "machine: &m\n  cpus: *m\n"],
  ] as const) {
    it(`in YAML with ${what} is refused at once`, async () => {
      using place = new Place();
      place.file("project/.clocherc.yaml", content);
      expect((await failureOf(place.load())).code).to.be.oneOf(["CONFIG_NOT_PLAIN", "CONFIG_SYNTAX"]);
    });
  }

  it("in YAML with a date is refused, or read as text", async () => {
    using place = new Place();
    place.file("config/cloche/config.yaml", "machine:\n  memory: 2024-01-01\n");
    expect((await failureOf(place.load())).code).to.be.oneOf(["CONFIG_NOT_PLAIN", "CONFIG_INVALID"]);
  });

  it("that is empty says nothing", async () => {
    using place = new Place();
    place.file("project/.clocherc", "");
    place.file("config/cloche/config.yaml", "# nothing yet\n");
    await place.load();
  });

  it("is one: two are refused by both names", async () => {
    using place = new Place();
    const first = place.asks({});
    const second = place.file("project/.config/clocherc.yaml", "{}");
    const { code, message } = await failureOf(place.load());
    expect(code).to.equal("CONFIG_TWICE");
    expect(message).to.include(first).and.include(second);
  });

  for (const name of ["project/.clocherc.toml", "project/cloche.config.json", "config/cloche/config.yml", "config/cloche/config.js", "config/cloche/config"]) {
    it(`called ${name} is not passed over in silence`, async () => {
      using place = new Place();
      const file = place.file(name, "{}");
      const { code, message } = await failureOf(place.load());
      expect(code).to.equal("CONFIG_PLACE");
      expect(message).to.include(file);
    });
  }

  it("names file and path of each of several problems", async () => {
    using place = new Place();
    const file = place.user({ machine: { cpus: "two", memory: "much" }, guard: { upstreams: { "a.b": { prot: 4, port: 1 } } } });
    const { message } = await failureOf(place.load());
    expect(message).to.include(`${file}: machine.cpus: `).and.include(`${file}: machine.memory: Write a number and MiB or GiB`);
    expect(message).to.include(`${file}: guard.upstreams."a.b".prot: there is no such option. Did you mean "port"?`);
  });

  it("has sections only for real, absolute paths", async () => {
    using place = new Place();
    place.user({ projects: { "~/x": {} } });
    expect((await failureOf(place.load())).message).to.include("absolute path");
    const link = join(place.root, "link");
    symlinkSync(place.project, link);
    for (const path of [link, `${place.project}/`]) {
      place.user({ projects: { [path]: { machine: { cpus: 1 } } } });
      expect((await failureOf(place.load())).message).to.include(`write the real path, "${place.project}"`);
    }
  });

  it("of the user's that others may write is not used", async () => {
    using place = new Place();
    const file = place.user({});
    chmodSync(file, 0o666);
    const failure = await failureOf(place.load());
    expect(failure.code).to.equal("CONFIG_EXPOSED");
    expect(failure.hint).to.include(`chmod go-w '${file}'`);
    chmodSync(file, 0o644);
    chmodSync(place.config, 0o777);
    expect((await failureOf(place.load())).code).to.equal("CONFIG_EXPOSED");
  });

  it("of the user's that belongs to somebody else is not used, but root's is", () => {
    expect(exposureOf("/f", { uid: 1001, mode: 0o644 }, 1000)?.reason).to.include("belongs to the user with number 1001");
    expect(exposureOf("/f", { uid: 0, mode: 0o644 }, 1000)).to.equal(undefined);
    expect(exposureOf("/f", { uid: 1000, mode: 0o620 }, 1000)?.reason).to.include("others may write");
    expect(exposureOf("/it's", { uid: 1001, mode: 0o600 }, 0)?.command).to.equal("chown 0 '/it'\\''s'");
  });

  it("of the user's may be a link, as dotfile managers make them", async () => {
    using place = new Place();
    const target = place.file("dotfiles/cloche.json", { machine: { cpus: 1 } });
    symlinkSync(target, join(place.config, "config.json"));
    expect((await place.load()).core.machine.cpus).to.equal(1);
  });

  for (const [what, content, says] of [
    ["throws", "throw new Error('no luck')", "no luck"],
    ["exports a function", "export default () => ({})", "a function instead of an object"],
    ["holds a function", "export default { machine: { cpus: () => 1 } }", "a function"],
    ["holds an object of a class", "export default { machine: new Map() }", "an object of a class"],
  ] as const) {
    it(`of the user's in code that ${what} is refused by its name`, async () => {
      using place = new Place();
      const file = place.file("config/cloche/config.mjs", content);
      expect((await failureOf(place.load())).message).to.include(file).and.include(says);
    });
  }
});

describe("A variable or argument", () => {
  it("that is no option is an error with what was meant", async () => {
    using place = new Place();
    place.env["CLOCHE_MACHINE_MEMROY"] = "1GiB";
    const { code, message } = await failureOf(place.load());
    expect(code).to.equal("CONFIG_VARIABLE_UNKNOWN");
    expect(message).to.include('Did you mean "CLOCHE_MACHINE_MEMORY"?');
  });

  it("that is an unknown key is an error with what was meant", async () => {
    using place = new Place();
    const { message, hint } = await failureOf(place.load({ overrides: [{ key: "machine.cpu", text: "1", argument: "--set" }] }));
    expect(message).to.include('Did you mean "machine.cpus"?');
    expect(hint).to.include("machine.memory").and.not.include("guard");
  });

  for (const [variable, value, says] of [
    ["CLOCHE_MACHINE_CPUS", "many", "write a number"],
    ["CLOCHE_MACHINE_CPUS", "0", "machine.cpus: Too small"],
    ["CLOCHE_PLUGINS_EXTRA", "maybe", "write true or false"],
    ["CLOCHE_GUARD_UPSTREAMS", "{", "write JSON"],
    ["CLOCHE_MACHINE_MEMORY", "1KiB", "at least 256 MiB"],
  ] as const) {
    it(`${variable}=${value} is refused by its name`, async () => {
      using place = new Place();
      place.env[variable] = value;
      const { message } = await failureOf(place.load());
      expect(message).to.include(variable).and.include(says);
    });
  }
});
