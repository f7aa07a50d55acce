import { expect } from "chai";
import { complete } from "../../../../core/cli/completion/complete.ts";
import type { Names } from "../../../../core/cli/completion/values.ts";
import { everyCommand } from "../../../../core/cli/every-command.ts";
import { COMMANDS } from "../../../../core/cli/table.ts";

const named = (...words: string[]) => async () => words.map((word) => ({ word, description: "" }));
const NAMES: Names = { sessions: named("red-fox", "blue-owl"), plugins: named("claude", "egress"), keys: named("machine.cpus", "machine.memory") };

async function after(line: string) {
  const { candidates, names, goesOn } = await complete(line.split(" "), await everyCommand(), NAMES);
  return { words: candidates.map(({ word }) => word), names, goesOn };
}

describe("the completion of a command line", () => {
  it("knows every command of the table, those of plugins too, each with its summary", async () => {
    const { words } = await after("");
    expect(words).to.include.members(["run", "shell", "exec", "ls", "plugin", "config", "egress", "completion"]);
    expect(new Set(words).size).to.equal(words.length);
    expect((await after("plu")).words).to.deep.equal(["plugin"]);
    expect((await after("plugin ")).words).to.include.members(["list", "enable", "disable"]);
    const { candidates } = await complete(["she"], COMMANDS, NAMES);
    expect(candidates).to.deep.equal([{ word: "shell", description: "Open a login shell in a fresh session, or in a running one" }]);
  });

  it("knows the options of the command, those that every command has, and before any those of run", async () => {
    expect((await after("exec --")).words).to.include.members(["--tty", "--session", "--memory", "--help", "--set"]);
    expect((await after("ls --j")).words).to.deep.equal(["--json"]);
    expect((await after("--na")).words).to.deep.equal(["--name"]);
    expect((await after("ls --tt")).words).to.deep.equal([]);
  });

  it("knows names of sessions and plugins, keys, and values that are few", async () => {
    expect((await after("exec --session ")).words).to.deep.equal(["red-fox", "blue-owl"]);
    expect((await after("exec --session=r")).words).to.deep.equal(["--session=red-fox"]);
    expect((await after("exec --session = r")).words).to.deep.equal(["red-fox"]);
    expect((await after("shell --name ")).words).to.deep.equal([]);
    expect((await after("plugin enable e")).words).to.deep.equal(["egress"]);
    expect((await after("config get machine.m")).words).to.deep.equal(["machine.memory"]);
    expect(await after("run --set machine.c")).to.deep.equal({ words: ["machine.cpus="], names: "none", goesOn: true });
    expect((await after("--accel k")).words).to.deep.equal(["kvm"]);
    expect((await after("completion ")).words).to.deep.equal(["bash", "zsh", "fish"]);
  });

  it("leaves to the shell what is a file, a directory, or another program's", async () => {
    expect((await after("-C ")).names).to.equal("directories");
    for (const line of ["exec ", "exec -t ls --", "exec -- ", "-- --mod", "run -- x"]) expect(await after(line), line).to.include({ names: "files" });
  });

  it("has nothing to say where nothing more may come, or nobody knows", async () => {
    for (const line of ["ls ", "nonsense ", "plugin enable egress ", "config set machine.cpus "]) expect(await after(line), line).to.deep.equal({ words: [], names: "none", goesOn: false });
  });
});
