import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Program } from "../support/program.ts";
import { qemuOf } from "../support/qemu-of.ts";
import type { Ended, Started } from "../support/started.ts";
import { WatchedPlace } from "../support/watched-place.ts";

const BYTES = 50 * 1024 * 1024;
// a program that no signal ends, with a page that nobody has written back
const MAPPER = `import mmap, signal, time
for number in (1, 2, 15): signal.signal(number, signal.SIG_IGN)
file = open("mapped", "w+b"); file.truncate(4096)
mapping = mmap.mmap(file.fileno(), 0); mapping[:6] = b"mapped"
print("mapped", flush=True); time.sleep(1000)`;
// writes in all ways, says so, and writes once more when it is told to end
const WRITER = `
trap 'echo heard >heard; exit 0' INT TERM HUP
python3 -c '${MAPPER}' >/tmp/said 2>&1 </dev/null &
exec 3>copy
cat source >&3
until grep -q mapped /tmp/said; do sleep 0.1; done
echo copied
[ "$0" = end ] || while :; do sleep 0.1; done`;

describe("The end of a session", () => {
  let program: Program;
  let place: WatchedPlace;
  const source = randomBytes(BYTES);

  before(() => {
    program = new Program("root-door", "trouble");
  });

  after(() => program[Symbol.dispose]());

  beforeEach(() => {
    place = WatchedPlace.booting(program.command);
  });

  afterEach(() => place[Symbol.dispose]());

  function startScript(script: string, ...args: readonly string[]): Started {
    return place.cloche(["exec", "--", "sh", "-c", script, ...args]);
  }

  async function expectNothingLeft(ended: Ended): Promise<void> {
    expect(ended.stderr).to.not.match(/bug in cloche|While cleaning up/);
    await place.expectNothingLeft();
  }

  function startWriter(how: "end" | "wait"): Started {
    writeFileSync(join(place.project, "source"), source);
    return startScript(WRITER, how);
  }

  function expectComplete(): void {
    expect(readFileSync(join(place.project, "copy")).equals(source)).to.equal(true);
    expect(readFileSync(join(place.project, "mapped"), "latin1").slice(0, 6)).to.equal("mapped");
  }

  it("comes with the command's own status, everything that it wrote, and nothing left", async () => {
    const writer = startWriter("end");
    writer.stdin.end();
    const ended = await writer.ended;
    expect(ended.status).to.equal(0);
    expectComplete();
    await expectNothingLeft(ended);
  });

  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    it(`comes with ${signal}, which the command hears too: status ${status}, everything that it wrote, and nothing left`, async () => {
      const writer = startWriter("wait");
      await writer.says(/copied\n/);
      writer.kill(signal);
      const ended = await writer.ended;
      expect(ended.status).to.equal(status);
      expectComplete();
      expect(readFileSync(join(place.project, "heard"), "utf8")).to.equal("heard\n");
      await expectNothingLeft(ended);
    });
  }

  it("comes when QEMU is killed, which is said, with status 255", async () => {
    const running = startScript("echo up; sleep 1000");
    await running.says(/up\n/);
    process.kill(qemuOf(running.pid), "SIGKILL");
    const ended = await running.ended;
    expect(ended.status).to.equal(255);
    expect(ended.stderr).to.include("The connection with the guest is lost: the machine failed");
    await expectNothingLeft(ended);
  });

  it("comes when QEMU is killed before the guest answers, which is said, with status 125", async () => {
    const running = startScript("echo never");
    await running.says(/Booting the guest/);
    process.kill(qemuOf(running.pid), "SIGKILL");
    const ended = await running.ended;
    expect(ended).to.include({ status: 125, stdout: "" });
    expect(ended.stderr).to.include("The machine ended before the guest could be reached").and.include("(GUEST_GONE)");
    await expectNothingLeft(ended);
  });

  it("comes when the guest powers off, which is said, with status 255", async () => {
    const ended = await startScript("exec become --reuid=0 --regid=0 --clear-groups -- /usr/lib/cloche/busybox poweroff -f").ended;
    expect(ended.status).to.equal(255);
    expect(ended.stderr).to.include("The connection with the guest is lost: the guest powered off");
    await expectNothingLeft(ended);
  });

  it("comes when the connection alone breaks, which is said, with status 255; what was only in a mapping is on the host even so", async () => {
    const running = startScript(`python3 -c '${MAPPER}' & sleep 1000`);
    await running.says(/mapped\n/);
    await place.cloche(["exec", "--join", "--", "become", "--reuid=0", "--regid=0", "--clear-groups", "--", "pkill", "-KILL", "sshd"], { input: "" }).ended;
    const ended = await running.ended;
    expect(ended.status).to.equal(255);
    expect(ended.stderr).to.include("The connection with the guest is lost: the machine runs, but");
    expect(readFileSync(join(place.project, "mapped"), "latin1").slice(0, 6)).to.equal("mapped");
    await expectNothingLeft(ended);
  });

  for (const phase of ["build", "boot", "provision", "attach"] as const) {
    it(`comes when a plugin throws in ${phase}, which is said, with status 125`, async () => {
      place.configure({ trouble: { throws: phase } });
      const ended = await startScript("echo never").ended;
      expect(ended).to.include({ status: 125, stdout: "" });
      expect(ended.stderr).to.include(`The plugin "trouble" failed in ${phase}: thrown in ${phase}`).and.include("(PLUGIN_FAILED)");
      await expectNothingLeft(ended);
    });
  }

  it("is complete though a plugin throws in teardown, which is said, with status 125", async () => {
    place.configure({ trouble: { throws: "teardown" } });
    const ended = await startScript("echo written >written; exit 3").ended;
    expect(ended.stderr).to.include(`The plugin "trouble" failed in teardown: thrown in teardown`);
    expect(ended.status).to.equal(125);
    expect(readFileSync(join(place.project, "written"), "utf8")).to.equal("written\n");
    await expectNothingLeft(ended);
  });

  it("does not wait for a plugin that hangs", async () => {
    place.configure({ trouble: { hangs: "provision" } });
    const running = startScript("echo never");
    await running.says(/trouble sees provision/);
    running.kill("SIGTERM");
    const killedAt = performance.now();
    const ended = await running.ended;
    expect(performance.now() - killedAt).to.be.lessThan(5000);
    expect(ended).to.include({ status: 143, stdout: "" });
    await expectNothingLeft(ended);
  });
});
