import { expect } from "chai";
import { kindOf } from "../../../core/bundled/kind.ts";

describe("What compiled code is kept for", () => {
  const WORDS = ["run", "exec", "config", "ls"];
  const kind = (line: string) => kindOf(line.split(" ").filter(Boolean), WORDS);

  it("is the first word of the command, wherever options stand", () => {
    expect(kind("ls --json")).to.equal("ls");
    expect(kind("-C /somewhere config get")).to.equal("config");
    expect(kind("exec -- ls")).to.equal("exec");
  });

  it("is the default command when none is named, whatever else is typed: so the kinds are bounded", () => {
    for (const line of ["", "-- anything", "nonsense", "../x", "--quiet"]) expect(kind(line), line).to.equal("run");
  });

  it("is another one where a command goes to a session that runs", () => {
    for (const line of ["exec -j -- ls", "exec --join -- x", "exec --session one -- x", "-C x exec --session=one -- x"]) expect(kind(line), line).to.equal("exec-joined");
    for (const line of ["exec -- ls -j", "exec -- --session x"]) expect(kind(line), line).to.equal("exec");
  });

  it("is a kind of its own for what only informs", () => {
    for (const line of ["--help", "-h", "--version", "-V"]) expect(kind(line), line).to.equal("help");
  });
});
