import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { packageRoot } from "../../../core/support/package-root.ts";
import { Place } from "../config/fixture.ts";

const CLI = join(packageRoot(), "core/cli.ts");

interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function cloche(place: Place, argv: readonly string[], nodeOptions: readonly string[] = []): Said {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...nodeOptions, CLI, ...argv], {
    cwd: place.project,
    env: { ...place.env, PATH: process.env["PATH"] },
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

describe("The program cloche", () => {
  for (const argv of [["--version"], ["-V"], ["--help"], ["exec", "--help"], ["plugin", "-h"]]) {
    it(`answers ${argv.join(" ")} without loading what only other commands need`, () => {
      using place = new Place();
      place.env["LOADED"] = join(place.root, "loaded");
      const { status, stdout, stderr } = cloche(place, argv, ["--import", join(import.meta.dirname, "log-loads.ts")]);
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
      expect(stdout).to.match(argv.some((word) => /version|V/.test(word)) ? /^\d+\.\d+\.\d+\n$/ : /^Usage: cloche/m);
      const loaded = readFileSync(place.env["LOADED"], "utf8");
      expect(loaded).to.include("/core/cli/parse.ts");
      expect(loaded).to.not.match(/node_modules\/(zod|cosmiconfig|execa|ssh2|tapable)|core\/(config|machine|image|commands)|\/plugins\/(?![\w-]+\/commands\.ts)/);
    });
  }

  it("loads the libraries when they are needed, so that the check above can fail", () => {
    using place = new Place();
    place.env["LOADED"] = join(place.root, "loaded");
    cloche(place, ["config"], ["--import", join(import.meta.dirname, "log-loads.ts")]);
    expect(readFileSync(place.env["LOADED"], "utf8")).to.include("node_modules/zod").and.include("/plugins/");
  });

  it("names every command in its help", () => {
    using place = new Place();
    const { stdout } = cloche(place, ["--help"]);
    for (const name of ["run", "shell", "exec", "build", "ls", "plugin list", "plugin enable", "config get", "config set", "doctor"]) {
      expect(stdout).to.match(new RegExp(`^  ${name} +\\S`, "m"));
    }
    expect(cloche(place, ["config", "--help"]).stdout).to.include("config set KEY VALUE");
    expect(cloche(place, ["run", "--help"]).stdout).to.include("--memory SIZE");
  });

  it("ends with 2 for a wrong command line, and prints nothing on standard output", () => {
    using place = new Place();
    for (const argv of [["fix the bug"], ["exec"], ["--memroy", "1"], ["config", "set", "x"]]) {
      const { status, stdout, stderr } = cloche(place, argv);
      expect({ status, stdout }).to.deep.equal({ status: 2, stdout: "" });
      expect(stderr).to.match(/^cloche: /).and.include("USAGE_");
    }
  });

  it("ends with 125 when it fails itself, with message, hint and code", () => {
    using place = new Place();
    place.asks({ machine: { acel: "tcg" } });
    for (const argv of [["run"], ["shell"], ["exec", "true"], ["build"]]) {
      const { status, stdout, stderr } = cloche(place, argv);
      expect({ status, stdout }).to.deep.equal({ status: 125, stdout: "" });
      expect(stderr).to.include("The configuration is not valid").and.include('Did you mean "accel"?').and.include("(CONFIG_INVALID)");
    }
  });

  it("works on the directory of -C, and refuses the home directory", () => {
    using place = new Place();
    const other = place.directory("other");
    place.file("other/.clocherc.json", { machine: { acel: "tcg" } });
    expect(cloche(place, ["-C", other, "run"]).stderr).to.include(join(other, ".clocherc.json"));
    const home = cloche(place, ["-C", place.env["HOME"] ?? "", "exec", "true"]);
    expect(home.stderr).to.include("PROJECT_REFUSED").and.include("your home directory");
  });

  it("shows and writes the configuration", () => {
    using place = new Place();
    expect(cloche(place, ["config", "set", "machine.memory", "1GiB"]).stdout).to.include(`for the project ${place.project}`);
    expect(cloche(place, ["config", "set", "machine.cpus", "2", "--user"]).stdout).to.include("for all projects");
    expect(cloche(place, ["plugin", "disable", "egress"]).status).to.equal(0);
    const { stdout } = cloche(place, ["config", "--json", "--set", "machine.accel=tcg"]);
    const entries = new Map((JSON.parse(stdout) as { key: string; value: unknown; source: { kind: string } }[]).map((entry) => [entry.key, entry]));
    expect(entries.get("machine.memory")).to.deep.include({ value: "1GiB" }).and.nested.include({ "source.kind": "user, this project" });
    expect(entries.get("machine.cpus")).to.deep.include({ value: 2 }).and.nested.include({ "source.kind": "user" });
    expect(entries.get("machine.accel")).to.deep.include({ value: "tcg" }).and.nested.include({ "source.kind": "command line" });
    expect(entries.get("plugins.egress")).to.deep.include({ value: false });
    expect(cloche(place, ["config", "machine.memory"]).stdout).to.match(/^machine\.memory {2}1GiB {2}.*config\.json, under projects\n.*CLOCHE_MACHINE_MEMORY/);
    expect(cloche(place, ["plugin", "list"]).stdout).to.match(/^egress: off \(.*config\.json, under projects\)$/m);
  });

  it("writes nothing that would not be valid", () => {
    using place = new Place();
    for (const [argv, code] of [
      [["config", "set", "machine.memory", "lots"], "CONFIG_VALUE_INVALID"],
      [["config", "set", "machine.memroy", "1GiB"], "CONFIG_OPTION_UNKNOWN"],
      [["config", "set", "machine.cpus", "1", "--user", "--project"], "USAGE_CONFLICT"],
      [["plugin", "enable", "egres"], "PLUGIN_UNKNOWN"],
    ] as const) {
      expect(cloche(place, argv).stderr).to.include(code);
    }
    expect(cloche(place, ["config", "get", "machine.memroy"]).stderr).to.include('Did you mean "machine.memory"?');
    expect(JSON.parse(cloche(place, ["config", "get", "machine.memory", "--json"]).stdout)).to.have.nested.property("[0].source.kind", "default");
  });

  it("shows no password of an address", () => {
    using place = new Place();
    place.user({ image: { mirror: "https://me:hunter2-hunter2@mirror.example/debian" } });
    for (const argv of [["config"], ["config", "--json"], ["config", "get", "image.mirror"]]) {
      const { stdout } = cloche(place, argv);
      expect(stdout).to.include("mirror.example").and.not.include("hunter2");
    }
  });

  it("lists every option in the help of config, those of the user's own plugins among them, and a mistake in their place", () => {
    using place = new Place();
    place.file("config/cloche/tools.mjs", 'import { definePlugin, z } from "cloche"; export default definePlugin({ name: "tools", api: 1, description: "x", options: z.strictObject({ level: z.number().default(1).describe("How much") }), build() {} });');
    place.user({ load: ["./tools.mjs"] });
    for (const argv of [["config", "--help"], ["config", "set", "-h"]]) {
      expect(cloche(place, argv).stdout).to.match(/^ {2}tools\.level +How much$/m).and.match(/^ {2}machine\.memory +Memory/m);
    }
    place.user({ load: ["./gone.mjs"] });
    expect(cloche(place, ["config", "--help"])).to.include({ status: 0 }).and.property("stdout").include("cannot be listed").and.include("gone.mjs");
  });

  it("shows what a project's file asks for, beside the answer, and works in a directory that is no project", () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" } });
    const asked = cloche(place, ["config", "get", "machine.accel", "--json"]);
    expect(JSON.parse(asked.stdout)).to.have.nested.property("[0].value", "auto");
    expect(asked.stderr).to.include("machine.accel: \"tcg\"").and.include("It is not in force");
    place.env["HOME"] = place.project;
    expect(cloche(place, ["config"])).to.include({ status: 0 }).and.property("stderr").include("Only your own configuration is shown");
  });

  it("leaves quietly when nobody reads its output", async () => {
    using place = new Place();
    const child = start(place, ["config"]);
    child.stdout?.destroy();
    const [stderr, [status]] = await Promise.all([text(child.stderr as NodeJS.ReadableStream & AsyncIterable<string>), once(child, "exit")]);
    expect({ status: status as number, stderr }).to.deep.equal({ status: 141, stderr: "" });
  });

  it("says so when its output does not fit on the disk", () => {
    using place = new Place();
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [CLI, "config"], { cwd: place.project, env: place.env, stdio: ["ignore", full, "pipe"], encoding: "utf8" });
    closeSync(full);
    expect(status).to.equal(125);
    expect(stderr).to.include("OUTPUT_LOST").and.include("standard output could not be written");
  });

  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    it(`exits at once with ${status} at the second ${signal}`, async () => {
      using place = new Place();
      // a configuration that never ends stands for whatever may be stuck
      place.file("config/cloche/config.mjs", 'import { writeSync } from "node:fs"; writeSync(2, "stuck"); await new Promise(() => setInterval(() => {}, 1000));');
      const child = start(place, ["config"]);
      await once(child.stderr as NodeJS.ReadableStream, "data");
      const ended = once(child, "exit");
      child.kill(signal);
      const second = setInterval(() => child.kill(signal), 100);
      const [exit] = (await ended) as [number];
      clearInterval(second);
      expect(exit).to.equal(status);
    });
  }

  it("tells of a bug that nobody caught, with its stack, and ends", () => {
    using place = new Place();
    place.file("config/cloche/config.mjs", 'setTimeout(() => { throw new TypeError("nobody catches this"); }); await new Promise((r) => setTimeout(r, 50)); export default {};');
    const { status, stderr } = cloche(place, ["config"]);
    expect(status).to.equal(125);
    expect(stderr).to.include("a bug in cloche").and.include("nobody catches this").and.include("config.mjs");
  });
});

function start(place: Place, argv: readonly string[]): ChildProcess {
  return spawn(process.execPath, [CLI, ...argv], { cwd: place.project, env: { ...place.env, PATH: process.env["PATH"] }, stdio: ["ignore", "pipe", "pipe"] });
}
