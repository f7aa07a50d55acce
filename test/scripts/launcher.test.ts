import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { SmallClone } from "./small-clone.ts";

describe("bin/cloche", function () {
  this.timeout(60_000);

  it("builds at the first start, then only hands over, with every argument as it was", async () => {
    using clone = new SmallClone();
    const args = ["exec", "--", "a b", 'ü"', "$HOME", "", "*"];
    const first = await clone.run(clone.launcher, args);
    expect(JSON.parse(first.stdout)).to.deep.equal(["first", clone.folder, ...args]);
    expect(first.stderr).to.equal("cloche: compiling\n");
    const second = await clone.run(clone.launcher, args);
    expect(second).to.deep.equal({ ...first, stderr: "" });
  });

  it("leaves no core dump of what it will hold, whatever the limit was", async () => {
    using clone = new SmallClone();
    writeFileSync(join(clone.root, "core/cli.ts"), `import { readFileSync } from "node:fs";\nconsole.log(readFileSync("/proc/self/limits", "utf8"));\n`);
    const raised = ["-c", 'ulimit -S -c "$(ulimit -H -c)"; cat /proc/self/limits; exec "$0"', clone.launcher];
    const { stdout } = await clone.run("/bin/sh", raised);
    const [before, after] = [...stdout.matchAll(/^Max core file size +(\S+) +(\S+)/gm)];
    expect(before?.[1]).to.equal(before?.[2]);
    expect(after?.slice(1)).to.deep.equal(["0", "0"]);
  });

  it("works by a link in the PATH, by a link to that link, and by a relative one", async () => {
    using clone = new SmallClone();
    symlinkSync(clone.launcher, join(clone.folder, "one link"));
    symlinkSync("one link", join(clone.folder, "two"));
    symlinkSync(clone.launcher, join(clone.folder, "cloche"));
    for (const link of [join(clone.folder, "two"), "./one link"]) {
      expect((await clone.run(link, ["x"])).stdout).to.include('"x"');
    }
    const path = `${clone.folder}:${process.execPath.replace(/\/node$/, "")}:/usr/bin:/bin`;
    expect((await clone.run("cloche", ["y"], { cwd: "/", path })).stdout).to.include('["first","/","y"]');
    expect((await clone.run("/bin/sh", ["./two", "z"])).stdout).to.include('"z"');
  });

  it("builds anew after a source changed or went, and leaves nothing of what went", async () => {
    using clone = new SmallClone();
    mkdirSync(join(clone.root, "plugins/gone"));
    writeFileSync(join(clone.root, "plugins/gone/index.ts"), "export {};\n");
    await clone.run(clone.launcher, []);
    expect(existsSync(join(clone.root, "dist/plugins/gone/index.js"))).to.equal(true);
    clone.writeMain("second");
    rmSync(join(clone.root, "plugins/gone"), { recursive: true });
    expect((await clone.run(clone.launcher, [])).stdout).to.include('"second"');
    expect(existsSync(join(clone.root, "dist/plugins/gone"))).to.equal(false);
  });

  it("builds once when several start at the same time", async () => {
    using clone = new SmallClone();
    const all = await Promise.all(Array.from({ length: 4 }, (_, index) => clone.run(clone.launcher, [String(index)])));
    expect(all.map(({ status, stdout }) => [status, JSON.parse(stdout).at(-1)])).to.deep.equal([0, 1, 2, 3].map((index) => [0, String(index)]));
    expect(all.filter(({ stderr }) => stderr.includes("compiling"))).to.have.length(1);
  });

  it("takes over the lock of a process that is dead", async () => {
    using clone = new SmallClone();
    mkdirSync(join(clone.root, ".node"));
    writeFileSync(join(clone.root, ".node/lock"), "4194304");
    expect((await clone.run(clone.launcher, [])).status).to.equal(0);
  });

  it("says so when there is no Node at all", async () => {
    using clone = new SmallClone();
    const tools = join(clone.folder, "tools");
    mkdirSync(tools);
    symlinkSync("/usr/bin/find", join(tools, "find"));
    const ended = await clone.run(clone.launcher, [], { path: tools });
    expect(ended.status).to.equal(1);
    expect(ended.stderr).to.include("Node is needed");
  });

  it("says so when npm is missing where packages must be fetched", async () => {
    using clone = new SmallClone();
    rmSync(join(clone.root, "node_modules"));
    const tools = join(clone.folder, "tools");
    mkdirSync(tools);
    for (const tool of ["sh", "find"]) symlinkSync(`/usr/bin/${tool}`, join(tools, tool));
    symlinkSync(process.execPath, join(tools, "node"));
    const ended = await clone.run(clone.launcher, [], { path: tools });
    expect(ended).to.include({ status: 1, stdout: "" });
    expect(ended.stderr).to.include("npm is needed");
  });

  it("says so when its path holds a backslash, which Node cannot load from", async () => {
    using clone = new SmallClone();
    const moved = join(clone.folder, "a\\b");
    renameSync(clone.root, moved);
    const ended = await clone.run(join(moved, "bin/cloche"), []);
    expect(ended.status).to.equal(1);
    expect(ended.stderr).to.include("backslash");
  });

  it("shows the compiler's words when the sources are broken, and keeps no half of a build", async () => {
    using clone = new SmallClone();
    writeFileSync(join(clone.root, "core/cli.ts"), "this is no program {\n");
    const ended = await clone.run(clone.launcher, []);
    expect(ended.status).to.equal(1);
    expect(ended.stderr).to.include("core/cli.ts(1");
    expect(existsSync(join(clone.root, "dist"))).to.equal(false);
  });

  it("runs an old build aloud where the user may not write, as another's clone", async function () {
    using clone = new SmallClone();
    await clone.run(clone.launcher, []);
    clone.writeMain("second");
    chmodSync(clone.root, 0o555);
    try {
      const ended = await clone.run(clone.launcher, []);
      // root may write everywhere, and builds
      if (process.getuid?.() === 0) expect(ended.stdout).to.include('"second"');
      else expect([ended.stdout.includes('"first"'), ended.stderr.includes("older than its sources")]).to.deep.equal([true, true]);
    } finally {
      chmodSync(clone.root, 0o755);
    }
  });
});

describe("npm start", function () {
  this.timeout(60_000);

  it("hands over in the directory the user stands in, with what follows `--`", async () => {
    using clone = new SmallClone();
    const project = join(clone.folder, "a project");
    mkdirSync(project);
    const ended = await clone.run("npm", ["--prefix", clone.root, "start", "--silent", "--", "--version", "a b"], { cwd: project });
    expect(ended.stderr).to.equal("cloche: compiling\n");
    expect(JSON.parse(ended.stdout)).to.deep.equal(["first", project, "--version", "a b"]);
  });
});
