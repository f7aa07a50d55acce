import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";
import { expect } from "chai";
import { init, parse } from "es-module-lexer";
import { transform } from "esbuild";
import { ROOT } from "../support/sources.ts";
import { SmallClone } from "./small-clone.ts";

// Says whether it was lent what the bundle itself works with.
const PLUGIN = `import { definePlugin, z as ours } from "cloche";
import zod, { z } from "zod";
export default definePlugin({ name: "mine", description: String(ours === z && zod === z), section: "mine", options: z.strictObject({ level: z.number() }), api: 1 });`;

// new URL("name.ts", import.meta.url), or the name and an ending that depends on whether we are compiled
const BY_PLACE = /(?:URL|register)\(([`"])([\w./-]+?)(?:\$\{.*?\}|\.ts)\1, import\.meta\.url/g;

// Says at the end which of the bundle's scripts were read, and which of Node's modules were loaded that take long.
const WATCH = `const fs = require("node:fs"), { readFileSync } = fs, read = [];
fs.readFileSync = (path, ...rest) => { if (/[/]dist[/].*[.]c?js$/.test(path)) read.push(String(path).replace(/.*[/]dist[/]/, "")); return readFileSync(path, ...rest); };
process.once("exit", () => process._rawDebug("READ " + JSON.stringify([...read, ...process.moduleLoadList.flatMap((name) => /^NativeModule (crypto|tls)$/.exec(name)?.[1] ?? [])])));`;

const { NAMED } = (await import(join(ROOT, "scripts/bootstrap/bundle.mjs"))) as { NAMED: readonly string[] };

describe("The bundle", () => {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

  it("leaves in its place whatever is started or imported by its place", () => {
    const sources = ["core", "plugins", "testing"].flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT }));
    const meant = sources.flatMap((source) => [...read(source).matchAll(BY_PLACE)].map(([, , name = ""]) => posix.join(posix.dirname(source), name)));
    expect(meant).to.include.members(["core/supervisor/main", "plugins/egress/gateway/main", "core/outside/lending-thread"]);
    // a comment names one that is an example
    expect(NAMED).to.include.members(meant.filter((name) => existsSync(join(ROOT, `${name}.ts`))));
  });

  it("changes what looks like an import only where it is one", async () => {
    await init();
    const sources = ["core", "plugins", "testing"].flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT })).filter((source) => read(source).includes("import("));
    const code = await Promise.all(sources.map(async (source) => ({ source, text: (await transform(read(source), { loader: "ts" })).code })));
    // scripts/bootstrap/bundle/scripts.mjs goes by this pattern
    const others = code.filter(({ text }) => (text.match(/\bimport\(/g) ?? []).length !== parse(text)[0].filter(({ type }) => type === "dynamic").length);
    expect(others.map(({ source }) => source)).to.deep.equal([]);
    expect(sources).to.have.lengthOf.above(20);
  });

  it("says of hardly any module at length what it exports", () => {
    const main = read("dist/scripts/main.js");
    expect(main.match(/\b__exports\(/g)).to.have.lengthOf.above(400);
    expect(main.match(/\b__toCommonJS\(/g)?.length ?? 0).to.be.below(10); // those that hand on all of another
  });

  it("leaves in its place what scripts and the package's users import", () => {
    const texts = [...globSync("scripts/**/*.{mjs,ts}", { cwd: ROOT }), "bin/cloche", "package.json"].map(read);
    const meant = texts.flatMap((text) => [...text.matchAll(/\bdist\/([\w/-]+)\.js\b/g)].map(([, name = ""]) => name));
    expect(meant).to.include.members(["core/cli", "core/index"]);
    expect(NAMED).to.include.members(meant);
  });

  it("reads a configuration in YAML, edits it, and lends a plugin from outside the zod that it works with", () => {
    const home = realpathSync(mkdtempSync(join(tmpdir(), "cloche-bundle-")));
    const [own, project] = [join(home, ".config/cloche"), join(home, "project")];
    for (const folder of [own, project]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(own, "mine.mjs"), PLUGIN, { mode: 0o600 });
    writeFileSync(join(own, "config.yaml"), "load: [./mine.mjs]\nplugins: { mine: true }\nmine: { level: 7 }\n", { mode: 0o600 });
    const said: string[] = [];
    const run = (...args: readonly string[]) => {
      const { stdout, stderr } = spawnSync(process.execPath, [join(ROOT, "dist/core/cli.js"), ...args], { cwd: project, env: { PATH: "/usr/bin:/bin", HOME: home, XDG_RUNTIME_DIR: home }, encoding: "utf8" });
      if (stderr !== "") said.push(stderr);
      return stdout;
    };
    try {
      expect(run("config")).to.match(/^mine\.level +7 /m);
      expect(said).to.deep.equal([]);
      expect(run("plugin", "list")).to.match(/^mine: on.*\n +true$/m);
      run("config", "set", "machine.cpus", "1");
      expect(readFileSync(join(own, "config.yaml"), "utf8")).to.include("./mine.mjs").and.include("cpus: 1");
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  it("loads few files, packages only for what needs them, and nothing of Node's that is not used", () => {
    const home = realpathSync(mkdtempSync(join(tmpdir(), "cloche-bundle-")));
    try {
      writeFileSync(join(home, "watch.cjs"), WATCH);
      const env = { PATH: "/usr/bin:/bin", HOME: home, XDG_RUNTIME_DIR: home };
      const readBy = (...args: readonly string[]): readonly string[] => {
        const { stderr } = spawnSync(process.execPath, ["-r", join(home, "watch.cjs"), join(ROOT, "dist/core/cli.js"), ...args], { cwd: home, env, encoding: "utf8" });
        return JSON.parse(/^READ (.*)$/m.exec(stderr)?.[1] ?? "[]") as readonly string[];
      };
      // the first start of a kind keeps what it compiled, with a sum of it
      for (const command of ["ls", "config"]) expect(readBy(command)).to.include.members(["scripts/main.js", "crypto"]);
      expect(readBy("ls")).to.deep.equal(["core/cli.js", "core/bundled/open.cjs", "scripts/main.js"]);
      const needed = readBy("config");
      expect(needed).to.include("scripts/zod.js");
      expect(needed.filter((name) => /^plugins|ssh2|execa|xterm|^tls$/.test(name))).to.deep.equal([]);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  it("gives a module of a package what Node would give it", async function () {
    this.timeout(60_000);
    using clone = new SmallClone();
    writeFileSync(join(clone.root, "core/cli.ts"), `import { SyncHook } from "tapable";
      import debug from "debug";
      const later = Promise.all([import("@xterm/headless"), import("yaml"), import("ssh2"), import("execa")]);
      void later.then(([{ default: headless }, { parse }, { default: ssh2 }, { execa }]) => console.log([new SyncHook().constructor, debug, headless.Terminal, parse, ssh2.Client, execa].map((it) => typeof it).join()));\n`);
    expect(await clone.run(clone.launcher, [])).to.include({ status: 0, stdout: `${Array<string>(6).fill("function").join()}\n` });
  });

  it("has no character beyond Latin 1, which would double what its file takes in memory", () => {
    const files = globSync("dist/**/*.js", { cwd: ROOT });
    expect(files).to.include("dist/core/cli.js");
    expect(files.filter((path) => /[^\x00-\xff]/.test(read(path)))).to.deep.equal([]);
  });

  it("names nothing that is gone", () => {
    for (const name of NAMED) expect(() => read(`${name}.ts`), name).not.to.throw();
  });
});
