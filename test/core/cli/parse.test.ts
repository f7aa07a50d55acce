import { expect } from "chai";
import { parse } from "../../../core/cli/parse.ts";
import { COMMANDS, GLOBAL_FLAGS } from "../../../core/cli/table.ts";
import { ClocheError } from "../../../core/support/errors.ts";

function failure(...argv: string[]): ClocheError {
  try {
    parse(argv);
  } catch (error) {
    if (error instanceof ClocheError) return error;
    throw error;
  }
  throw new Error(`"${argv.join(" ")}" was understood`);
}

function understood(...argv: string[]) {
  const { command, flags, words, rest } = parse(argv);
  return { command: command.name, flags: flags.all.map(({ name, value }) => (value === undefined ? name : `${name}=${value}`)), words, rest };
}

describe("The command line", () => {
  it("runs the agent when nothing is said", () => {
    expect(understood()).to.deep.equal({ command: "run", flags: [], words: [], rest: [] });
    expect(understood("--memory", "4GiB")).to.deep.include({ command: "run", flags: ["memory=4GiB"] });
  });

  it("hands everything after -- to the agent untouched", () => {
    const args = ["-p", "--help", "--version", "--", "exec", "", "--memory=1"];
    expect(understood("--", ...args)).to.deep.equal({ command: "run", flags: [], words: [], rest: args });
    expect(understood("run", "--cpus", "2", "--", ...args)).to.deep.equal({ command: "run", flags: ["cpus=2"], words: [], rest: args });
  });

  it("never takes a word for the agent's", () => {
    for (const word of ["fix", "fix the bug", "hepl", "", "-", "/", "./run"]) {
      expect(failure(word), word).to.include({ code: "USAGE_COMMAND_UNKNOWN" });
      expect(failure("--quiet", word).code).to.equal("USAGE_COMMAND_UNKNOWN");
      expect(failure("run", word).code).to.equal("USAGE_WORD_UNWANTED");
    }
    expect(failure("exce").message).to.include('Did you mean "exec"?');
    expect(failure("exce").hint).to.include('comes after "--"');
    expect(failure("exce").hint).to.match(/ completion\b/).and.not.match(/ complete\b/); // which is for shells alone
  });

  it("leaves the command of exec alone from its first word on", () => {
    expect(understood("exec", "ls", "-la", "--memory", "1", "--")).to.deep.include({ command: "exec", flags: [], rest: ["ls", "-la", "--memory", "1", "--"] });
    expect(understood("exec", "-t", "--session", "s", "--", "-x")).to.deep.include({ flags: ["tty", "session=s"], rest: ["-x"] });
    expect(understood("exec", "exec")).to.deep.include({ rest: ["exec"] });
    expect(failure("exec", "-t").message).to.include("needs a COMMAND");
    expect(failure("exec", "-t", "--").code).to.equal("USAGE_WORD_MISSING");
  });

  it("takes options before the command, with = or a space, and short ones", () => {
    expect(understood("-C", "/x", "--set=a.b=c=d", "exec", "-q", "true")).to.deep.include({ command: "exec", flags: ["directory=/x", "set=a.b=c=d", "quiet"], rest: ["true"] });
    expect(understood("--memory=", "shell")).to.deep.include({ flags: ["memory="] });
  });

  it("refuses an option that it does not know, with what was meant", () => {
    expect(failure("--memroy", "4GiB").message).to.equal('"cloche run" has no option --memroy. Did you mean "--memory"?');
    expect(failure("--dangerously-skip-permissions").hint).to.include('comes after "--"');
    expect(failure("ls", "--memory", "1").code).to.equal("USAGE_OPTION_UNKNOWN");
    expect(failure("exec", "-x", "ls").code).to.equal("USAGE_OPTION_UNKNOWN");
    expect(failure("-th").code).to.equal("USAGE_OPTION_UNKNOWN");
  });

  it("wants a value where one belongs, and none where none does", () => {
    for (const argv of [["--memory"], ["--memory", "--cpus", "1"], ["run", "--memory", "--"]]) expect(failure(...argv).code).to.equal("USAGE_VALUE_MISSING");
    expect(failure("--quiet=yes").code).to.equal("USAGE_VALUE_UNWANTED");
  });

  it("knows the commands below a word, and what a word alone means", () => {
    expect(understood("plugin", "enable", "docker", "--user")).to.deep.include({ command: "plugin enable", words: ["docker"], flags: ["user"] });
    expect(understood("--json", "plugin", "list")).to.deep.include({ command: "plugin list" });
    expect(understood("config")).to.deep.include({ command: "config get", words: [] });
    expect(understood("config", "machine.memory", "--json")).to.deep.include({ command: "config get", words: ["machine.memory"] });
    expect(understood("config", "get", "machine")).to.deep.include({ command: "config get", words: ["machine"] });
    expect(understood("config", "set", "machine.cpus", "2")).to.deep.include({ command: "config set", words: ["machine.cpus", "2"] });
    expect(failure("plugin").message).to.include("needs one more word");
    expect(failure("plugin", "enalbe").message).to.include('Did you mean "plugin enable"?');
    expect(failure("config", "ste").message).to.include('Did you mean "config set"?');
    expect(failure("config", "set", "a.b").message).to.include("needs VALUE");
    expect(failure("plugin", "enable", "a", "b").code).to.equal("USAGE_WORD_UNWANTED");
    expect(failure("ls", "--", "x").code).to.equal("USAGE_WORD_UNWANTED");
  });

  it("gives an option of one name the same shape everywhere", () => {
    const shapes = new Map<string, string>();
    for (const flag of [...GLOBAL_FLAGS, ...COMMANDS.flatMap(({ flags }) => flags)]) {
      const shape = `${flag.short} ${flag.value !== undefined}`;
      expect(shapes.get(flag.name) ?? shape, flag.name).to.equal(shape);
      shapes.set(flag.name, shape);
    }
  });

  it("has a module for every command", async () => {
    const modules = await Promise.all(COMMANDS.map(({ load }) => load()));
    for (const module of modules) expect(module.default).to.be.a("function");
  });
});
