import { execFileSync } from "node:child_process";
import { expect } from "chai";
import { codeOf, filesBelow, importsOf, readSource } from "./support/sources.ts";

const MOST_LINES = 200;
const typescript = (folder: string) => filesBelow(folder).filter((path) => path.endsWith(".ts"));
const shipped = [...typescript("core"), ...typescript("plugins"), ...typescript("testing"), ...typescript("examples")];
const manifest = JSON.parse(readSource("package.json")) as { dependencies: Record<string, string> };

/** Which of the files break a rule, and how. */
function offences(paths: readonly string[], rule: (path: string) => readonly string[]): readonly string[] {
  return paths.flatMap((path) => rule(path).map((what) => `${path}: ${what}`));
}

/** Which of the files hold code that fits the pattern. */
function holding(paths: readonly string[], pattern: RegExp): readonly string[] {
  return offences(paths, (path) => codeOf(readSource(path)).match(pattern) ?? []);
}

function isOurs(imported: string): boolean {
  return /^(core|plugins|testing|examples|guest|scripts|test|bench)\//.test(imported);
}

describe("The architecture", () => {
  it("finds the sources at all", () => {
    expect(shipped).to.include.members(["core/lifecycle.ts", "core/index.ts"]);
    expect(importsOf("core/lifecycle.ts")).to.include("core/phases/boot.ts");
  });

  it("keeps core free of plugins", () => {
    expect(offences(typescript("core"), (path) => importsOf(path).filter((imported) => imported.startsWith("plugins/")))).to.deep.equal([]);
  });

  it("lets a plugin import the core's index, the services it declares, its own folder, and nothing else of ours", () => {
    const allowed = ["core/index.ts", "core/services.ts"];
    const rule = (path: string) => {
      const own = path.split("/").slice(0, 2).join("/");
      return importsOf(path).filter((imported) => isOurs(imported) && !allowed.includes(imported) && !imported.startsWith(`${own}/`));
    };
    expect(offences(typescript("plugins"), rule)).to.deep.equal([]);
  });

  it("keeps core/support ignorant of all the rest", () => {
    const rule = (path: string) => importsOf(path).filter((imported) => isOurs(imported) && !imported.startsWith("core/support/"));
    expect(offences(typescript("core/support"), rule)).to.deep.equal([]);
  });

  it("uses no package that is not a dependency", () => {
    const known = (name: string) => name.startsWith("node:") || isOurs(name) || name === "cloche" || name === "cloche/testing" || name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/") in manifest.dependencies;
    expect(offences(shipped, (path) => importsOf(path).filter((imported) => !known(imported)))).to.deep.equal([]);
  });

  it("prints nothing and ends no process outside of the command line", () => {
    const inside = (path: string) => path === "core/cli.ts" || path.startsWith("core/cli/");
    // the developers' log has its own door, and a process of its own may end itself
    const ownProcess = /(-child|\/main|\/reaper-process)\.ts$/;
    const outside = shipped.filter((path) => !inside(path) && path !== "core/support/log.ts");
    expect(holding(outside, /\bconsole\.|\bprocess\.(stdout|stderr)\.write|\bprocess\.exitCode/g)).to.deep.equal([]);
    expect(holding(outside.filter((path) => !ownProcess.test(path)), /\bprocess\.(exit|abort)\b/g)).to.deep.equal([]);
  });

  it("has no barrel but the core's index", () => {
    const isBarrel = (path: string) => {
      const statements = codeOf(readSource(path)).split(";").map((text) => text.trim()).filter((text) => text !== "" && !text.startsWith("import "));
      return statements.length > 0 && statements.every((text) => /^export\s[^=]*\sfrom\s/.test(text));
    };
    expect(shipped.filter((path) => path !== "core/index.ts" && isBarrel(path))).to.deep.equal([]);
    expect(isBarrel("core/index.ts")).to.equal(true);
  });

  it(`keeps every file under ${MOST_LINES} lines`, () => {
    const lines = (path: string) => readSource(path).split("\n").length;
    expect(shipped.filter((path) => lines(path) > MOST_LINES).map((path) => `${path}: ${lines(path)}`)).to.deep.equal([]);
  });

  it("knows no `any`, no silenced compiler, and no note to do it later", () => {
    expect(holding(shipped, /\bas any\b|[:<|(]\s*any\b|\bany\[\]/g)).to.deep.equal([]);
    expect(offences(shipped, (path) => readSource(path).match(/@ts-(ignore|nocheck)|eslint-disable|\b(TODO|FIXME|XXX)\b/g) ?? [])).to.deep.equal([]);
  });

  it("skips no test and singles none out", () => {
    expect(holding(typescript("test"), /\b(describe|it|context|this)\.(skip|only)\b/g)).to.deep.equal([]);
  });

  it("says of each export of core what it is for", () => {
    const rule = (path: string) => readSource(path).match(/(?<!\*\/\n)^export (?:async )?(?:function|class) \w+/gm) ?? [];
    expect(offences(typescript("core"), rule)).to.deep.equal([]);
  });

  it("names no package registry, since that is for the host's configuration to say", () => {
    const registry = execFileSync("npm", ["config", "get", "registry"], { cwd: "/", encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const mirrors = execFileSync("apt-get", ["indextargets", "--format", "$(SITE)", "Created-By: Packages"], { encoding: "utf8" });
    const hosts = [...new Set([registry, ...mirrors.split("\n")].map((url) => url.trim()).filter((url) => URL.canParse(url)).map((url) => new URL(url).host))];
    expect(hosts).to.not.deep.equal([]);
    const all = filesBelow().filter((path) => !/\.(png|gif|jpe?g)$/.test(path));
    expect(offences(all, (path) => hosts.filter((host) => readSource(path).includes(host)).map(() => "names a registry"))).to.deep.equal([]);
  });
});
