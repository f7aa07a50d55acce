import { PassThrough } from "node:stream";
import { expect } from "chai";
import { launchCommand } from "../../../core/attach/launch-command.ts";
import { sizeOf, type TerminalPort } from "../../../core/attach/terminal.ts";

function terminal(env: Record<string, string>, size: { columns?: number; rows?: number } = { columns: 120, rows: 40 }): TerminalPort {
  const stream = () => Object.assign(new PassThrough(), size);
  return { stdin: stream(), stdout: stream(), stderr: stream(), env, setRaw: () => {}, onContinue: () => () => {} };
}

const LAUNCH = { argv: ["claude", "-p", "x"], env: { KEY: "v" } };

describe("the command of a launch", () => {
  it("runs as the agent's user in the project, with the launch's environment and a UTF-8 locale", () => {
    expect(launchCommand(LAUNCH, "/a b", terminal({ TERM: "vt100", HOME: "/root", LANG: "de_DE" }), false)).to.deep.equal({
      argv: LAUNCH.argv, user: "agent", cwd: "/a b", env: { LANG: "C.UTF-8", KEY: "v" },
    });
  });

  it("lets the launch choose the locale", () => {
    expect(launchCommand({ argv: [], env: { LANG: "C" } }, "/p", terminal({}), false).env).to.deep.equal({ LANG: "C" });
  });

  it("asks for a terminal of the user's kind, size and colours", () => {
    const command = launchCommand(LAUNCH, "/p", terminal({ TERM: "screen-256color", COLORTERM: "truecolor" }), true);
    expect(command.tty).to.deep.equal({ columns: 120, rows: 40, term: "screen-256color" });
    expect(command.env).to.include({ COLORTERM: "truecolor" });
  });

  it("asks for a common kind where the guest does not know the user's, and passes nothing odd on", () => {
    for (const TERM of ["xterm-kitty", "", "xterm\u001b[2J", "../../x"]) {
      const command = launchCommand(LAUNCH, "/p", terminal({ TERM, COLORTERM: "x\u001b" }), true);
      expect(command.tty?.term).to.equal("xterm-256color");
      expect(command.env).to.not.have.property("COLORTERM");
    }
  });
});

describe("the terminal's size", () => {
  it("is a common one where it is unknown, and bounded", () => {
    expect(sizeOf(terminal({}, {}))).to.deep.equal({ columns: 80, rows: 24 });
    expect(sizeOf(terminal({}, { columns: 0, rows: 0 }))).to.deep.equal({ columns: 80, rows: 24 });
    expect(sizeOf(terminal({}, { columns: 1, rows: 1 }))).to.deep.equal({ columns: 1, rows: 1 });
    expect(sizeOf(terminal({}, { columns: 1e9, rows: 500 }))).to.deep.equal({ columns: 10_000, rows: 500 });
  });
});
