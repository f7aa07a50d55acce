import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "chai";
import { proveJail } from "../../core/machine/jail/proof.ts";
import { isFailure } from "../../core/support/errors.ts";
import { Arena } from "./attacker.ts";

const WAIT = ["/usr/bin/perl", "-e", "open(my $o, '>&=', 3); syswrite $o, 'up'; sleep 100"];

describe("the proof at every start", () => {
  it("holds for the jail as it is made", async () => {
    await using arena = new Arena();
    const jailed = await arena.launch(WAIT);
    await once(jailed.channels[0] as NodeJS.ReadableStream, "data");
    expect(() => jailed.prove()).not.to.throw();
  });

  it("names what is missing in a weaker one", async () => {
    const weak = ["--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--die-with-parent"];
    const child = spawn("/usr/bin/bwrap", [...weak, "--", "/bin/sh", "-c", "echo up; read -r line"]);
    await once(child.stdout, "data");
    try {
      const expected = { network: "net:[1]", uid: process.getuid?.() ?? -1, sockets: 3, writable: [] };
      let error: unknown;
      try {
        proveJail(child.pid ?? -1, expected);
      } catch (thrown) {
        error = thrown;
      }
      expect(isFailure(error, "JAIL_UNPROVEN")).to.equal(true);
      expect(String(error)).to.contain("net namespace: the same as ours");
    } finally {
      child.kill("SIGKILL");
    }
  });

  it("is no proof when the process cannot be looked at", () => {
    expect(() => proveJail(2 ** 22 + 1, { network: "", uid: 0, sockets: 3, writable: [] })).to.throw("reading /proc");
  });

  const leaks: Readonly<Record<string, string>> = { "our own parent left files open in us": "", "another thread of ours had a file open when it was started": "late" };
  for (const [what, when] of Object.entries(leaks)) {
    it(`holds though ${what}, which the jail does not get`, async () => {
      const script = join(import.meta.dirname, "leaky.ts");
      const child = spawn("/bin/bash", ["-c", 'exec 40</etc/passwd; exec "$0" "$@"', process.execPath, script, when], { stdio: ["ignore", "pipe", "inherit"] });
      const chunks: Buffer[] = [];
      child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
      await once(child, "close");
      const said = JSON.parse(Buffer.concat(chunks).toString()) as { plain: string[]; jailed: string[] };
      expect(said.plain, "the control: a plain child gets it").to.include("/etc/passwd");
      expect(said.jailed).to.include("/dev/null");
      expect(said.jailed.filter((link) => !/^(\/dev\/null|socket:\[\d+\]|\/proc\/\d+\/fd)$/.test(link))).to.deep.equal([]);
    });
  }
});
