import { execFileSync } from "node:child_process";
import { expect } from "chai";
import { guestArchive } from "../../../core/machine/guest-files.ts";

const list = (archive: Buffer) => execFileSync("tar", ["-tv", "--numeric-owner", "-f", "-"], { input: archive, encoding: "utf8" }).trim().split("\n");

describe("Files for the guest", () => {
  it("are root's, but the agent's in its home, with the directories made there", () => {
    const lines = list(guestArchive([
      { path: "/etc/claude-code/x.json", content: "{}" },
      { path: "/home/agent/.claude/skills/a/run", content: new Uint8Array([0, 255]), mode: 0o755 },
    ]));
    expect(lines.map((line) => line.replace(/ +\d{4}-.*? (?=\S+$)/, " "))).to.deep.equal([
      "drwxr-xr-x 1000/1000         0 home/agent/.claude/",
      "drwxr-xr-x 1000/1000         0 home/agent/.claude/skills/",
      "drwxr-xr-x 1000/1000         0 home/agent/.claude/skills/a/",
      "-rw-r--r-- 0/0               2 etc/claude-code/x.json",
      "-rwxr-xr-x 1000/1000         2 home/agent/.claude/skills/a/run",
    ]);
  });

  it("lie at absolute, normal paths", () => {
    for (const path of ["etc/x", "/etc/../x", "/home/agent/./x", "//x"]) expect(() => guestArchive([{ path, content: "" }]), path).to.throw("not an absolute path");
  });
});
