import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../../support/sources.ts";
import { start } from "../../support/started.ts";
import { leftovers, traces } from "../../support/traces.ts";

describe("cloche --detach", function () {
  this.timeout(60_000);
  let home: string;

  beforeEach(() => {
    home = realpathSync(mkdtempSync("/tmp/clt-"));
    mkdirSync(join(home, "project"));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  const cloche = async (...args: string[]) =>
    await start([process.execPath, join(ROOT, "core/cli.ts"), ...args], { cwd: join(home, "project"), env: { PATH: process.env["PATH"] ?? "", HOME: home, XDG_RUNTIME_DIR: home }, input: "" }).ended;

  it("says what stands in the way of the session as a start in the foreground does, and leaves nothing", async () => {
    const before = traces([home]);
    for (const name of ["a/b", "x".repeat(300), "../up", ""]) {
      const ended = await cloche("shell", "--detach", "--name", name);
      expect(ended.status).to.equal(125);
      expect(ended.stdout).to.equal("");
      expect(ended.stderr).to.include("cannot be the name of a session").and.include("(SESSION_NAME_INVALID)");
    }
    const wrong = await cloche("shell", "--detach", "--set", "machine.memory=nonsense");
    expect(wrong.stderr).to.include("machine.memory");
    expect(leftovers(before, traces([home])).filter((line) => /^(process|socket)|sessions\/./.test(line))).to.deep.equal([]);
  });

  it("says what is wrong with a session on the disk, and what is behind it, before anything begins", async () => {
    const before = traces([home]);
    const suspended = join(home, ".local/state/cloche/suspended/fern");
    for (const args of [["resume", "moss", "--detach"], ["snapshot", "start", "moss"], ["rollback", "moss"]]) {
      const ended = await cloche(...args);
      expect(ended).to.include({ status: 125, stdout: "" });
      expect(ended.stderr, args.join(" ")).to.include("(SAVED_UNKNOWN)");
    }
    mkdirSync(suspended, { recursive: true, mode: 0o700 });
    writeFileSync(join(suspended, "session.json"), "{ no JSON");
    const damaged = await cloche("resume", "fern", "--detach");
    expect(damaged).to.include({ status: 125, stdout: "" });
    expect(damaged.stderr).to.match(/its description cannot be read[\s\S]*\n {2}Because: .*JSON[\s\S]*\(SAVED_DAMAGED\)/);
    expect(leftovers(before, traces([home])).filter((line) => /^(process|socket)|sessions\/./.test(line) && !line.includes("mocha"))).to.deep.equal([]);
  });

  it("is a usage error beside a running session", async () => {
    expect(await cloche("exec", "--detach", "--session", "fern", "--", "true")).to.include({ status: 2 });
  });
});
