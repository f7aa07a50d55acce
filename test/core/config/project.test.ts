import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { directories } from "../../../core/config/directories.ts";
import { findProject } from "../../../core/config/project.ts";
import { failureOf, Place } from "./fixture.ts";

const find = (place: Place, directory: string) => findProject(directory, directories(place.env), place.env["HOME"] ?? "");

describe("The project", () => {
  it("is the real path of its directory, whatever that is called", async () => {
    using place = new Place();
    for (const name of ["plain", "with space", "a,readonly=off", 'q"uo\'te', "new\nline", "ünïcødé-日本"]) {
      const directory = place.directory(name);
      expect(await find(place, directory)).to.equal(directory);
    }
    const link = join(place.root, "link");
    symlinkSync(place.project, link);
    expect(await find(place, link)).to.equal(place.project);
  });

  const own = (variable: string) => (place: Place) => join(place.env[variable] ?? "", "cloche");
  const REFUSED: readonly (readonly [string, (place: Place) => string, string])[] = [
    ["the root", () => "/", "root of the file system"],
    ["the home directory", (place) => place.env["HOME"] ?? "", "your home directory"],
    ["what is above the home directory", (place) => place.root, "above your home directory"],
    ["the home directory of the password file, whatever HOME says", () => homedir(), "home directory"],
    ["/usr", () => "/usr", "a directory of the system"],
    ["/etc", () => "/etc", "a directory of the system"],
    ["/opt", () => "/opt", "a directory of the system"],
    ["/var", () => "/var", "a directory of the system"],
    ["what is below /proc", () => "/proc/self", "inside /proc"],
    ["what is below /dev", () => "/dev/shm", "inside /dev"],
    ["what is below /sys", () => "/sys/kernel", "inside /sys"],
    ["our own configuration", own("XDG_CONFIG_HOME"), "inside cloche's own"],
    ["a directory in our own cache", (place) => join(own("XDG_CACHE_HOME")(place), "images/x"), "inside cloche's own"],
    ["a directory above our own state", (place) => place.env["XDG_STATE_HOME"] ?? "", "above cloche's own"],
  ];
  for (const [what, directory, reason] of REFUSED) {
    it(`is not ${what}`, async () => {
      using place = new Place();
      const path = directory(place);
      if (path.startsWith(place.root)) mkdirSync(path, { recursive: true });
      const failure = await failureOf(find(place, path));
      expect(failure.code).to.equal("PROJECT_REFUSED");
      expect(failure.message).to.include(realpathSync(path)).and.include(reason);
      expect(failure.hint).to.include("-C DIRECTORY");
    });
  }

  it("is not a link to what it may not be", async () => {
    using place = new Place();
    symlinkSync(place.env["HOME"] ?? "", join(place.project, "innocent"));
    expect((await failureOf(find(place, join(place.project, "innocent")))).code).to.equal("PROJECT_REFUSED");
  });

  it("is refused when our own directories, though not made yet, would lie in it", async () => {
    using place = new Place();
    place.env["XDG_CACHE_HOME"] = join(place.project, "not/made/yet");
    expect((await failureOf(find(place, place.project))).message).to.include("above cloche's own directory");
  });

  it("exists, and is a directory", async () => {
    using place = new Place();
    const file = place.file("file", "");
    expect((await failureOf(find(place, file))).message).to.include(file).and.include("not a directory");
    expect((await failureOf(find(place, join(place.root, "nothing")))).code).to.equal("PROJECT_MISSING");
    expect((await failureOf(find(place, join(place.root, "\ufffd")))).message).to.include("not UTF-8");
  });

  it("exists still when the current directory was removed under us", async () => {
    using place = new Place();
    const here = process.cwd();
    process.chdir(place.directory("gone"));
    rmSync(join(place.root, "gone"), { recursive: true });
    try {
      expect((await failureOf(find(place, "."))).code).to.equal("PROJECT_MISSING");
    } finally {
      process.chdir(here);
    }
  });

  for (const [right, mode] of [["readable", 0o333], ["writable", 0o555]] as const) {
    it(`is ${right}`, async () => {
      using place = new Place();
      chmodSync(place.root, 0o755);
      chmodSync(place.project, mode);
      // root may do everything, so somebody else looks
      const module = join(import.meta.dirname, "../../../core/config/project.ts");
      const code = `const { findProject } = await import(${JSON.stringify(module)});
        process.stdout.write(await findProject(process.argv[1], {}, "/nowhere").catch((error) => error.code + " " + error.message));`;
      const said = execFileSync(process.execPath, ["--input-type=module", "-e", code, place.project], {
        ...(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}),
        encoding: "utf8",
        cwd: "/",
      });
      chmodSync(place.project, 0o755);
      expect(said).to.include("PROJECT_NO_ACCESS").and.include(`not ${right}`);
    });
  }

  it("keeps its ancestors out of what is refused: only the home directory itself and above", async () => {
    using place = new Place();
    const below = place.directory("home/src/project");
    expect(await find(place, below)).to.equal(below);
    expect(dirname(dirname(below))).to.equal(place.env["HOME"]);
  });
});
