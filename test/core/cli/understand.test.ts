import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { everyCommand } from "../../../core/cli/every-command.ts";
import { GLOBAL_FLAGS, COMMANDS } from "../../../core/cli/table.ts";
import { understand } from "../../../core/cli/understand.ts";

describe("The command line with the commands of plugins", () => {
  it("adds what the folders of plugins bring to the core's own", async () => {
    const folder = mkdtempSync(join(tmpdir(), "cloche-commands-"));
    mkdirSync(join(folder, "weather"));
    mkdirSync(join(folder, "silent"));
    writeFileSync(join(folder, "weather/commands.ts"), 'export default [{ name: "weather show", summary: "", usage: "", flags: [] }];');
    try {
      expect((await everyCommand(folder)).map(({ name }) => name)).to.deep.equal([...COMMANDS.map(({ name }) => name), "weather show"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("looks at the core's commands alone when one of them is meant", async () => {
    expect((await understand(["exec", "--", "true"])).commands).to.equal(COMMANDS);
    expect((await understand(["ls", "--help"])).commands).to.equal(COMMANDS);
    expect((await understand(["--help"])).commands).not.to.equal(COMMANDS);
    expect((await understand(["plugin", "--help"])).commands).not.to.equal(COMMANDS);
  });

  it("has a module for every command, a name for none twice, and one shape for an option everywhere", async () => {
    const commands = await everyCommand();
    expect(new Set(commands.map(({ name }) => name)).size).to.equal(commands.length);
    for (const module of await Promise.all(commands.map(({ load }) => load()))) expect(module.default).to.be.a("function");
    const shapes = new Map<string, string>();
    for (const flag of [...GLOBAL_FLAGS, ...commands.flatMap(({ flags }) => flags)]) {
      const shape = `${flag.short} ${flag.value !== undefined}`;
      expect(shapes.get(flag.name) ?? shape, flag.name).to.equal(shape);
      shapes.set(flag.name, shape);
    }
    for (const { name, flags } of commands) expect(new Set(flags.map((flag) => flag.name)).size, name).to.equal(flags.length);
  });

  it("says what was probably meant, also of a plugin's command", async () => {
    const error = await understand(["sehll"]).catch((reason: Error) => reason);
    expect((error as Error).message).to.include("shell");
  });
});
