import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { discoverPlugins } from "../core/config/discover.ts";
import { checkNames } from "../core/outside/check-names.ts";
import { contractProblems } from "../core/outside/contract.ts";
import { findModule } from "../core/outside/find-module.ts";
import { loadPlugin } from "../core/outside/load-plugin.ts";
import type { Plugin } from "../core/plugin.ts";
import { rehearse } from "../testing/index.ts";
import { ROOT } from "./support/sources.ts";

const NAMES = ["postgres", "company-ca", "language-servers"] as const;

async function example(name: (typeof NAMES)[number]): Promise<Plugin> {
  const file = findModule({ specifier: join(ROOT, "examples", name), where: "the test", directory: ROOT });
  return await loadPlugin(file, file);
}

const agent = { request: { kind: "exec", argv: ["true"] } } as const;

describe("The example plugins", () => {
  for (const name of NAMES) {
    it(`keep the contract, and get along with those that come with cloche: ${name}`, async () => {
      const plugin = await example(name);
      expect(contractProblems(plugin)).to.deep.equal([]);
      expect(plugin.name).to.equal(name);
      checkNames(await discoverPlugins(), [plugin], []);
      expect((await rehearse(plugin)).error).to.equal(undefined);
    });
  }
});

describe("The example postgres", () => {
  it("makes its cluster in the image and starts it before the agent, which is told where it is", async () => {
    const { recipe, told, launch } = await rehearse(await example("postgres"), { ...agent, options: { databases: ["shop", "audit"], port: 5433 } });
    expect(recipe?.packages).to.deep.equal(["postgresql"]);
    expect(recipe?.commands[0]).to.include("initdb");
    const started = told.findIndex((line) => line.endsWith("5433 shop audit"));
    expect(started).to.be.greaterThan(told.indexOf("ssh")).and.lessThan(told.indexOf("control"));
    expect(launch?.env).to.include({ DATABASE_URL: "postgresql://agent@127.0.0.1:5433/shop", PGPORT: "5433" });
  });

  it("takes no name that would be more than a name", async () => {
    const { options } = await example("postgres");
    for (const databases of [['a"; DROP'], ["A b"], [""], []]) expect(options.safeParse({ databases }).success, String(databases)).to.equal(false);
    expect(options.safeParse({ extensions: ["bash"] }).success).to.equal(false);
  });
});

describe("The example company-ca", () => {
  const folder = mkdtempSync(join(tmpdir(), "cloche-ca-"));
  const [authority, server] = [join(folder, "ca.pem"), join(folder, "server.pem")];
  before(() => {
    const make = (file: string, name: string, ca: string) =>
      execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${file}.key`, "-out", file, "-subj", `/CN=${name}`, "-days", "2", "-addext", `basicConstraints=critical,CA:${ca}`], { stdio: "ignore" });
    make(authority, "Company", "TRUE");
    make(server, "server.example", "FALSE");
  });
  after(() => rmSync(folder, { recursive: true }));

  it("puts each authority of its files into the image's store", async () => {
    const both = join(folder, "both.pem");
    writeFileSync(both, `# ours\n${readFileSync(authority, "utf8")}`);
    const { recipe, launch } = await rehearse(await example("company-ca"), { ...agent, options: { certificates: [both] } });
    expect(recipe?.files.map(({ path }) => path).join()).to.match(/^\/usr\/local\/share\/ca-certificates\/company-[0-9a-f]{16}\.crt$/);
    expect(recipe?.files[0]?.content.trim()).to.equal(readFileSync(authority, "utf8").trim());
    expect(recipe?.commands).to.deep.equal(["update-ca-certificates"]);
    expect(launch?.env).to.deep.equal({ NODE_USE_SYSTEM_CA: "1" });
  });

  it("trusts nothing that is no authority, and says what is wrong with a file", async () => {
    for (const [file, why] of [[server, "is no authority"], [`${authority}.key`, "no certificate in it"], [join(folder, "gone"), "no such file"]] as const) {
      const { error } = await rehearse(await example("company-ca"), { options: { certificates: [file] } });
      expect(String(error), file).to.include(why);
    }
  });
});

describe("The example language-servers", () => {
  it("takes from Debian what Debian has, and the rest from the npm registry by its checksum", async () => {
    const { recipe } = await rehearse(await example("language-servers"), { options: { languages: ["go", "typescript"] } });
    expect(recipe?.packages).to.deep.equal(["golang-go", "gopls", "nodejs"]);
    expect(recipe?.layers.map(({ name }) => name)).to.deep.equal(["typescript-language-server", "typescript"]);
    for (const { key } of recipe?.layers ?? []) expect(key["integrity"]).to.match(/^sha512-[A-Za-z0-9+/]{86}==$/);
  });
});

describe("A rehearsal", () => {
  it("lets a plugin fail that asks for an option which it does not have", async () => {
    const { definePlugin, z } = await import("../core/index.ts");
    const forgetful = definePlugin({
      name: "forgetful", api: 1, description: "Asks for what is not there.", options: z.strictObject({ level: z.number().default(1).describe("How much") }),
      build: (recipe, { options }) => recipe.addPackages((options as unknown as { levle: string }).levle),
    });
    expect(String((await rehearse(forgetful)).error)).to.include('asks for the option "levle", which it does not have. Did you mean "level"?');
  });
});
