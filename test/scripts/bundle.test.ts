import { existsSync, globSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { expect } from "chai";
import { ROOT } from "../support/sources.ts";

// new URL("name.ts", import.meta.url), or the name and an ending that depends on whether we are compiled
const BY_PLACE = /(?:URL|register)\(([`"])([\w./-]+?)(?:\$\{.*?\}|\.ts)\1, import\.meta\.url/g;

const { NAMED } = (await import(join(ROOT, "scripts/bootstrap/bundle.mjs"))) as { NAMED: readonly string[] };

describe("The bundle", () => {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

  it("leaves in its place whatever is started or imported by its place", () => {
    const sources = ["core", "plugins", "testing"].flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: ROOT }));
    const meant = sources.flatMap((source) => [...read(source).matchAll(BY_PLACE)].map(([, , name = ""]) => posix.join(posix.dirname(source), name)));
    expect(meant).to.include.members(["core/machine/doorway-child", "plugins/egress/gateway/main", "core/outside/lending-thread"]);
    // a comment names one that is an example
    expect(NAMED).to.include.members(meant.filter((name) => existsSync(join(ROOT, `${name}.ts`))));
  });

  it("leaves in its place what scripts and the package's users import", () => {
    const texts = [...globSync("scripts/**/*.{mjs,ts}", { cwd: ROOT }), "bin/cloche", "package.json"].map(read);
    const meant = texts.flatMap((text) => [...text.matchAll(/\bdist\/([\w/-]+)\.js\b/g)].map(([, name = ""]) => name));
    expect(meant).to.include.members(["core/cli", "core/index"]);
    expect(NAMED).to.include.members(meant);
  });

  it("names nothing that is gone", () => {
    for (const name of NAMED) expect(() => read(`${name}.ts`), name).not.to.throw();
  });
});
