import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect } from "chai";
import type { Configuration } from "../../../core/config/configuration.ts";
import type { Loading } from "../../../core/config/load.ts";
import { recordAnswer } from "../../../core/trust/consider.ts";
import { forgetAnswers } from "../../../core/trust/answers.ts";
import type { TrustRequest } from "../../../core/trust/request.ts";
import { watchAsks } from "../../../core/trust/watch-asks.ts";
import { Disposers } from "../../../core/support/disposers.ts";
import { failureOf, Place, seen } from "../config/fixture.ts";

const stateOf = (place: Place): string => join(place.root, "state/cloche");

/** What the project asks for now. */
async function request(place: Place, loading: Partial<Loading> = {}): Promise<TrustRequest> {
  const { trust } = await place.load(loading);
  if (trust?.request === undefined) throw new Error("it asks for nothing");
  return trust.request;
}

const accept = async (place: Place, directory: string = place.project): Promise<void> =>
  await recordAnswer(stateOf(place), directory, await request(place), "accepted");

const accelOf = (configuration: Configuration): string => configuration.core.machine.accel;

describe("An answer to what a project asks for", () => {
  it("grants exactly that, until it changes", async () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" } });
    expect(accelOf(await place.load())).to.equal("auto");
    await accept(place);
    const granted = await place.load();
    expect({ accel: accelOf(granted), answer: granted.trust?.answer, from: seen(granted, "machine.accel")?.from }).to.deep.equal({ accel: "tcg", answer: "accepted", from: "project" });

    place.asks({ machine: { accel: "tcg", cpus: 1 } });
    const changed = await place.load();
    expect({ accel: accelOf(changed), answer: changed.trust?.answer }).to.deep.equal({ accel: "auto", answer: "none" });
    place.asks({ machine: { accel: "tcg" } });
    expect(accelOf(await place.load())).to.equal("tcg");
  });

  it("is for this project by its real path, and for no other that asks for the same", async () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" } });
    await accept(place);
    place.file("other/.clocherc.json", { machine: { accel: "tcg" } });
    expect(accelOf(await place.load({ project: join(place.root, "other") }))).to.equal("auto");
  });

  it("covers every worktree below a directory when the user says so, if it asks for exactly the same", async () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" } });
    place.file("trees/one/.clocherc.json", { machine: { accel: "tcg" } });
    place.file("trees/deep/two/.clocherc.json", { machine: { accel: "tcg", cpus: 2 } });
    await accept(place, join(place.root, "trees"));
    expect(accelOf(await place.load({ project: join(place.root, "trees/one") }))).to.equal("tcg");
    expect(accelOf(await place.load({ project: join(place.root, "trees/deep/two") }))).to.equal("auto");
    expect(accelOf(await place.load())).to.equal("auto");
  });

  it("for a project is none for another that lies in it, and one that covers a directory is none for that directory itself", async () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" } });
    place.file("project/nested/.clocherc.json", { machine: { accel: "tcg" } });
    await accept(place);
    const nested = join(place.project, "nested");
    expect(accelOf(await place.load({ project: nested }))).to.equal("auto");
    await forgetAnswers(stateOf(place), place.project);
    await recordAnswer(stateOf(place), place.project, await request(place, { project: nested }), "accepted");
    expect([accelOf(await place.load({ project: nested })), accelOf(await place.load())]).to.deep.equal(["tcg", "auto"]);
  });

  it("may be no, and then nobody is asked again", async () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" } });
    let asked = 0;
    const decide = async () => { asked += 1; return "refused" as const; };
    expect((await place.load({ decide })).trust?.answer).to.equal("refused");
    expect((await place.load({ decide })).trust?.answer).to.equal("refused");
    expect(asked).to.equal(1);
    await forgetAnswers(stateOf(place), place.project);
    await place.load({ decide });
    expect(asked).to.equal(2);
  });

  it("is given at a terminal, and then holds", async () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" } });
    expect(accelOf(await place.load({ decide: async () => "later" }))).to.equal("auto");
    expect(accelOf(await place.load({ decide: async () => "accepted" }))).to.equal("tcg");
    expect(accelOf(await place.load())).to.equal("tcg");
  });

  it("may be the hash, for one start, and a wrong hash is an error that names the right one", async () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" } });
    const { hash } = await request(place);
    expect(accelOf(await place.load({ trust: hash }))).to.equal("tcg");
    expect(accelOf(await place.load())).to.equal("auto");
    place.asks({ machine: { accel: "kvm" } });
    const failure = await failureOf(place.load({ trust: hash }));
    expect(failure.code).to.equal("TRUST_HASH_WRONG");
    expect(failure.message).to.include((await request(place)).hash);
  });

  it("is no part of the project, and a broken or strange file of answers is no answer", async () => {
    using place = new Place();
    place.asks({ machine: { accel: "tcg" } });
    await accept(place);
    expect(readdirSync(place.project)).to.deep.equal([".clocherc.json"]);
    const folder = join(stateOf(place), "trust");
    const [name = ""] = readdirSync(folder);
    const kept = JSON.parse(readFileSync(join(folder, name), "utf8")) as object;
    writeFileSync(join(folder, name), JSON.stringify({ ...kept, directory: "/elsewhere" }));
    expect(accelOf(await place.load())).to.equal("auto");
    writeFileSync(join(folder, name), "{ broken");
    expect(accelOf(await place.load())).to.equal("auto");
  });

  it("says when the project came to ask while a session ran, also one that was killed", async () => {
    using place = new Place();
    const session = async (name: string, inside: () => void, end = true) => {
      const scope = new Disposers();
      await watchAsks({ configuration: await place.load(), project: place.project, session: name, state: stateOf(place) }, scope);
      inside();
      if (end) await scope.close();
    };
    await session("quiet-fern", () => {});
    place.asks({ machine: { accel: "tcg" } });
    expect((await request(place)).cameIn).to.equal(undefined);
    await session("sly-fox", () => place.asks({ machine: { accel: "kvm" } }));
    expect((await request(place)).cameIn).to.equal("sly-fox");
    place.asks({ machine: { accel: "tcg" } });
    expect((await request(place)).cameIn).to.equal(undefined);
    await session("calm-carp", () => {});
    expect((await request(place)).cameIn).to.equal(undefined);
    await session("dead-duck", () => place.asks({ machine: { cpus: 3 } }), false);
    expect((await request(place)).cameIn).to.equal("dead-duck");
  });
});

/** A project with a plugin of its own, in several files. */
function withPlugin(place: Place, text = 'import { level } from "./deep/level.ts";\nimport { z, definePlugin } from "cloche";\nimport { sep } from "node:path";\nimport "fs";\n'): void {
  place.asks({ load: ["./.tools/index.ts"], plugins: { tools: true }, tools: { level: 3 } });
  const rest = 'export default definePlugin({ name: "tools", api: 1, description: sep, options: z.strictObject({ level: z.number().default(level) }), project: { set: ["level"] } });\n';
  place.file("project/.tools/index.ts", text + rest);
  place.file("project/.tools/deep/level.ts", 'import type { Nothing } from "../nowhere.ts";\nimport seven from "./seven.json" with { type: "json" };\nexport const level: number | Nothing = seven.level;\n');
  place.file("project/.tools/deep/seven.json", { level: 7 });
}

const toolsOf = (configuration: Configuration) => configuration.plugins.find(({ plugin }) => plugin.name === "tools");

describe("A plugin of the checkout", () => {
  it("is not loaded by itself, and what is meant for it is asked for with it", async () => {
    using place = new Place();
    withPlugin(place);
    const configuration = await place.load();
    expect(toolsOf(configuration)).to.equal(undefined);
    const { code, asks, problems } = await request(place);
    expect(problems).to.deep.equal([]);
    expect(code[0]?.files.map(({ path }) => path)).to.deep.equal([".tools/deep/level.ts", ".tools/deep/seven.json", ".tools/index.ts"]);
    expect(asks.map(({ key }) => key)).to.deep.equal(["load", "tools", "plugins.tools"]);
    expect(configuration.frozen).to.include.members([join(place.project, ".tools/index.ts"), join(place.project, ".clocherc.json")]);
  });

  it("is loaded, when trusted, from a copy that only the user can write", async () => {
    using place = new Place();
    withPlugin(place);
    await accept(place);
    const tools = toolsOf(await place.load());
    expect({ enabled: tools?.enabled, options: tools?.options }).to.deep.equal({ enabled: true, options: { level: 3 } });
    const copies = join(stateOf(place), "trust/code");
    const [copy = ""] = readdirSync(copies);
    expect(readFileSync(join(copies, copy, "files/.tools/index.ts"), "utf8")).to.equal(readFileSync(join(place.project, ".tools/index.ts"), "utf8"));
  });

  for (const file of [".tools/index.ts", ".tools/deep/level.ts", ".tools/deep/seven.json"]) {
    it(`is asked about again when ${file} changes, and is not loaded meanwhile`, async () => {
      using place = new Place();
      withPlugin(place);
      await accept(place);
      expect(toolsOf(await place.load())?.enabled).to.equal(true);
      const before = readFileSync(join(place.project, file), "utf8");
      writeFileSync(join(place.project, file), `${before}\n`);
      const configuration = await place.load();
      expect({ tools: toolsOf(configuration), answer: configuration.trust?.answer }).to.deep.equal({ tools: undefined, answer: "none" });
      writeFileSync(join(place.project, file), before);
      expect(toolsOf(await place.load())?.enabled).to.equal(true);
    });
  }

  it("is shown by what changed since it was trusted, file by file", async () => {
    using place = new Place();
    withPlugin(place);
    expect((await request(place)).since).to.equal(undefined);
    await accept(place);
    expect((await request(place)).since).to.equal(undefined);
    place.file("project/.tools/deep/seven.json", { level: 8 });
    place.file("project/.tools/more.ts", "export {};");
    writeFileSync(join(place.project, ".tools/index.ts"), `import "./more.ts";\n${readFileSync(join(place.project, ".tools/index.ts"), "utf8")}`);
    const { since } = await request(place);
    const files = ".tools/index.ts, .tools/deep/level.ts, .tools/deep/seven.json";
    expect(since).to.deep.include({ answer: "accepted" }).and.to.have.property("changes").that.deep.equals([
      `now asked: run the plugin ./.tools/index.ts on this host, as you: ${files}, .tools/more.ts`,
      `no longer asked: run the plugin ./.tools/index.ts on this host, as you: ${files}`,
      "changed code: .tools/deep/seven.json", "changed code: .tools/index.ts", "new code: .tools/more.ts",
    ]);
    place.asks({ load: ["./.tools/index.ts"], plugins: { tools: true }, tools: { level: 3 }, machine: { cpus: 3 } });
    expect((await request(place)).since?.changes).to.include("now asked: machine.cpus: 3");
  });

  it("cannot be changed between being shown and being copied", async () => {
    using place = new Place();
    withPlugin(place);
    const configuration = await place.load({
      decide: async () => {
        place.file("project/.tools/deep/seven.json", { level: 666 });
        place.file("project/.tools/index.ts", "throw new Error('swapped');");
        return "accepted";
      },
    });
    expect(toolsOf(configuration)?.options).to.deep.equal({ level: 3 });
    expect((await place.load()).trust?.answer).to.equal("none");
  });

  const REFUSED: readonly (readonly [what: string, text: string, why: string])[] = [
    ["computes what it imports", "const name = './x.ts'; await import(name);\n", "computes what it imports"],
    ["imports a package", 'import "left-pad";\n', '"left-pad"'],
    ["imports what lies outside of the project", 'import "../../outside.ts";\n', "outside of the project"],
    ["imports an address", 'import "file:///etc/hostname";\n', '"file:///etc/hostname"'],
    ["imports code in an address", 'import "data:text/javascript,1";\n', '"data:text/javascript,1"'],
    ["imports by a name of its own", 'import "#inside";\n', '"#inside"'],
    ["imports what is not there", 'import "./gone.ts";\n', "it is not there"],
    ["imports through a link", 'import "./link.ts";\n', "it is a link"],
    ["imports below a linked directory", 'import "./linked/level.ts";\n', "it is a link"],
    ["imports a fifo", 'import "./pipe.ts";\n', "a named pipe"],
    ["imports what is too big", 'import "./big.ts";\n', "larger than"],
    ["imports a program", 'import "./native.node";\n', "does not end in"],
    ["is no module", "import {{{\n", "cannot be read as a module"],
  ];
  for (const [what, text, why] of REFUSED) {
    it(`cannot be trusted when it ${what}`, async () => {
      using place = new Place();
      withPlugin(place, text);
      const folder = join(place.project, ".tools");
      place.file("outside.ts", "export {};");
      symlinkSync("deep/level.ts", join(folder, "link.ts"));
      symlinkSync("deep", join(folder, "linked"));
      execFileSync("mkfifo", [join(folder, "pipe.ts")]);
      place.file("project/.tools/big.ts", `//${"x".repeat(600_000)}`);
      const { problems, hash } = await request(place);
      expect(problems.join("\n")).to.include(why);
      expect(toolsOf(await place.load({ trust: hash }))).to.equal(undefined);
      expect(toolsOf(await place.load({ decide: async () => "accepted" }))).to.equal(undefined);
    });
  }

  it("imports nothing from beyond its copy, though nobody saw that it would", async () => {
    using place = new Place();
    const witness = join(place.root, "witness.mjs");
    writeFileSync(witness, `import { writeFileSync } from "node:fs"; writeFileSync(${JSON.stringify(`${witness}.ran`)}, "");`);
    const hidden = `await new Function("path", "return im" + "port(path)")(${JSON.stringify(witness)}).catch(() => {});\n`;
    const seenBy = `import { registerHooks } from "node:module";\nawait eval(${JSON.stringify(`import(${JSON.stringify(`file://${witness}`)})`)});\n`;
    withPlugin(place, `${seenBy}${hidden}import { z, definePlugin } from "cloche";\nconst sep = "", level = 1;\n`);
    await accept(place);
    const failure = await failureOf(place.load());
    expect(failure.code).to.equal("PLUGIN_NOT_LOADED");
    expect(existsSync(`${witness}.ran`)).to.equal(false);
    await import(witness);
    expect(existsSync(`${witness}.ran`)).to.equal(true);
  });

  it("is made again from what was trusted when its copy is damaged or gone", async () => {
    using place = new Place();
    withPlugin(place);
    await accept(place);
    const copies = join(stateOf(place), "trust/code");
    const [copy = ""] = readdirSync(copies);
    writeFileSync(join(copies, copy, "files/.tools/index.ts"), "throw new Error('damaged');");
    expect(toolsOf(await place.load())?.enabled).to.equal(true);
    rmSync(copies, { recursive: true });
    expect(toolsOf(await place.load())?.enabled).to.equal(true);
  });

  it("can be looked at and answered also when it does not load", async () => {
    using place = new Place();
    withPlugin(place, "throw new Error('broken');\n");
    await accept(place);
    expect((await failureOf(place.load())).code).to.equal("PLUGIN_NOT_LOADED");
    const { trust } = await place.load({ purpose: "judge" });
    expect({ answer: trust?.answer, plugins: trust?.plugins }).to.deep.equal({ answer: "accepted", plugins: [] });
  });

  it("does not decide what its own project may set", async () => {
    using place = new Place();
    withPlugin(place);
    await accept(place);
    place.asks({ load: ["./.tools/index.ts"], plugins: { tools: true }, tools: { level: 4 } });
    expect((await place.load()).trust?.answer).to.equal("none");
  });

  it("must lie in the project", async () => {
    using place = new Place();
    for (const specifier of ["/etc/hostname", "../outside.ts", "package-name", "./../outside.ts", "./link"]) {
      place.asks({ load: [specifier] });
      mkdirSync(join(place.root, "elsewhere"), { recursive: true });
      if (!existsSync(join(place.project, "link"))) symlinkSync("../elsewhere", join(place.project, "link"));
      expect((await request(place)).problems, specifier).to.have.length(1);
    }
    linkSync(place.file("project/index.mjs", "export default 1;"), join(place.project, "hard.mjs"));
    place.asks({ load: ["./hard.mjs"] });
    expect((await request(place)).problems).to.deep.equal([]);
  });
});
