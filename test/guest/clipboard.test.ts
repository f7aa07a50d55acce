import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect } from "chai";
import { packageRoot } from "../../core/support/package-root.ts";

const IMAGE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 255]);
const TARGETS = ["-selection", "clipboard", "-o", "-t", "TARGETS"];
const READ = ["-selection", "clipboard", "-o", "-t", "image/png"];

describe("what stands for the clipboard in the guest", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-clipboard-"));
    for (const name of ["xclip", "wl-paste"]) copyFileSync(join(packageRoot(), "guest/clipboard"), join(folder, name));
  });
  afterEach(() => {
    run("xclip", ["--cloche-clear"]);
    rmSync(folder, { recursive: true });
  });

  function run(name: string, args: readonly string[], input?: Buffer) {
    const { status, stdout } = spawnSync("sh", [join(folder, name), ...args], { env: { PATH: process.env["PATH"], USER: basename(folder) }, input: input ?? "" });
    return { status, text: stdout.toString(), stdout };
  }

  it("has nothing as long as nothing was delivered", () => {
    for (const args of [TARGETS, READ, []]) expect(run("xclip", args)).to.include({ status: 1, text: "" });
    for (const args of [["--list-types"], ["--type", "image/png"], []]) expect(run("wl-paste", args)).to.include({ status: 1, text: "" });
  });

  it("gives what was delivered once, in the ways that agents ask", () => {
    for (const [name, list, read] of [["xclip", TARGETS, READ], ["wl-paste", ["--list-types"], ["--type", "image/png"]]] as const) {
      expect(run("xclip", ["--cloche-deliver", "image/png"], IMAGE).status).to.equal(0);
      expect(run(name, list)).to.include({ status: 0, text: "image/png\n" });
      expect(run(name, read).stdout).to.deep.equal(IMAGE);
      expect(run(name, list)).to.include({ status: 1, text: "" });
    }
  });

  it("gives no other type, takes no text in, and forgets what it is told to forget", () => {
    run("xclip", ["--cloche-deliver", "image/png"], IMAGE);
    expect(run("xclip", [...READ.slice(0, -1), "image/jpeg"])).to.include({ status: 1, text: "" });
    expect(run("xclip", ["-selection", "clipboard"], Buffer.from("text")).status).to.equal(1);
    run("xclip", ["--cloche-clear"]);
    expect(run("xclip", TARGETS)).to.include({ status: 1, text: "" });
  });
});
