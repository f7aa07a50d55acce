import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Place } from "./core/config/fixture.ts";
import { blocksOf } from "./support/readme-steps.ts";
import { Reader } from "./support/reader.ts";
import { ROOT } from "./support/sources.ts";

const program = [process.execPath, join(ROOT, "core/cli.ts")];
const hashIn = (output: string): string => /trust accept (\w+)/.exec(output)?.[1] ?? "";
const NEEDS_A_MACHINE = /^cloche exec .*\n/gm;

/** What an editor says of a new plugin, by the types that cloche ships. */
function typeErrors(place: Place, folder: string): readonly string[] {
  // in a file, since on a command line a comma in a path would end it
  const settings = join(place.root, "tsconfig.json");
  const compilerOptions = { noEmit: true, allowJs: true, checkJs: true, strict: true, skipLibCheck: true, module: "nodenext", target: "es2024", types: ["node"], typeRoots: [join(ROOT, "node_modules/@types")] };
  writeFileSync(settings, JSON.stringify({ compilerOptions, files: [join(folder, "index.js"), join(folder, "index.test.js")] }));
  const { stdout } = spawnSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", settings], { encoding: "utf8" });
  return stdout.split("\n").filter(Boolean);
}

describe("README.md on plugins of one's own", () => {
  it("is all that somebody needs to write, try, enable and share one", async () => {
    using place = new Place();
    place.env["PATH"] = process.env["PATH"] ?? "";
    delete place.env["XDG_CONFIG_HOME"];
    const reader = new Reader(place.root, place.project, place.env, program);
    const steps = blocksOf("Your own");
    expect(steps.map(({ language }) => language)).to.deep.equal(["sh", "js", "sh", "sh"]);
    const [write, code, use, share] = steps.map(({ text }) => text.replace(NEEDS_A_MACHINE, ""));

    const written = await reader.types(write ?? "");
    expect(written, written.output).to.have.property("status", 0);
    expect(written.output).to.include("keeps the contract").and.match(/pass 3/);

    writeFileSync(join(place.env["HOME"] ?? "", ".config/cloche/plugins/weather/index.js"), code ?? "");
    expect(typeErrors(place, join(place.env["HOME"] ?? "", ".config/cloche/plugins/weather"))).to.deep.equal([]);

    const used = await reader.types(`${use}cloche config get weather.forecast; cloche plugin list weather`);
    expect(used, used.output).to.have.property("status", 0);
    expect(used.output).to.include("some rain").and.match(/weather: on/).and.include("What stands in /etc/weather in the guest").and.not.include("docker: off");
    expect((await reader.types("cloche plugin list wether")).output).to.include('Did you mean "weather"?');

    const mistaken = await reader.types("cloche plugin test ./nowhere");
    expect(mistaken.output).to.include("nowhere\" is not there: there is no such file or folder.").and.include("cloche plugin new NAME").and.not.include("load");

    const shared = await reader.types(`${share}`);
    expect(shared, shared.output).to.have.property("status", 0);
    expect(shared.output).to.include("run the plugin ./.cloche/weather.mjs on this host, as you");
    expect((await reader.types("cloche trust accept " + hashIn(shared.output) + "; cloche plugin list")).output).to.match(/weather: on/);

    const colleague = new Reader(place.root, place.project, { ...place.env, HOME: place.directory("colleague"), XDG_STATE_HOME: place.directory("colleague/state") }, program);
    expect((await colleague.types("cloche plugin list")).output).to.not.match(/weather: on/);
    const hash = hashIn(shared.output);
    const granted = await colleague.types(`cloche trust accept ${hash} && cloche plugin list && cloche trust list --json`);
    expect(granted.output, granted.output).to.match(/weather: on/).and.include('"accepted"');

    const file = join(place.project, ".cloche/weather.mjs");
    writeFileSync(file, `${readFileSync(file, "utf8")}// changed\n`);
    const changed = await colleague.types("cloche plugin list; cloche trust");
    expect(changed.output).to.not.match(/weather: on/);
    expect(changed.output).to.include("You have not answered");
    expect((await colleague.types(`cloche trust accept ${hash}`)).output).to.include("TRUST_HASH_WRONG");
    expect((await colleague.types("cloche trust accept")).output).to.include("TRUST_NO_TERMINAL");
  }).timeout(120_000);
});
