import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { Pty } from "../support/pty.ts";
import { qemuOf } from "../support/qemu-of.ts";
import { sharedSession, type SharedSession } from "../support/shared-session.ts";
import { ROOT } from "../support/sources.ts";
import type { Started } from "../support/started.ts";
import { WatchedPlace } from "../support/watched-place.ts";

interface Listed { readonly name: string; readonly project: string; readonly pid: number; readonly state: string; readonly since: string }

describe("A running session", () => {
  let shared: SharedSession;

  before(async function () {
    this.timeout(5 * 60_000);
    shared = await sharedSession();
  });

  const openShell = (): Pty => new Pty(join(ROOT, "bin/cloche"), ["shell", "--session", shared.name, "-C", shared.place.project], { ...shared.place.env, TERM: "xterm-256color" });

  it("is listed, for people and for programs", async () => {
    const people = await shared.place.cloche(["ls"], { input: "" }).ended;
    const [head, line] = people.stdout.split("\n");
    expect(head).to.match(/^NAME +STATE +SINCE +PID +PROJECT$/);
    expect(line).to.match(/^shared +running +\d+ (s|min) ago +\d+ /).and.include("it's\\u{a}ü");
    const programs = await shared.place.cloche(["ls", "--json"], { input: "" }).ended;
    const [listed, ...others] = JSON.parse(programs.stdout) as Listed[];
    expect(others).to.deep.equal([]);
    expect(listed).to.include({ name: "shared", project: shared.place.project, pid: shared.keeper.pid, state: "running" });
  });

  it("is reached by its user alone", () => {
    const folder = join(shared.place.runtime, "cloche/sessions", shared.name);
    expect(statSync(folder).mode & 0o777).to.equal(0o700);
    expect(statSync(join(shared.place.runtime, "cloche/sessions")).mode & 0o777).to.equal(0o700);
  });

  it("is not reached by a name that is not running, and its own name is not given twice", async () => {
    const wrong = await shared.place.cloche(["exec", "--session", "shard", "--", "true"], { input: "" }).ended;
    expect(wrong.status).to.equal(125);
    expect(wrong.stderr).to.include('No session called "shard" is running').and.include("shared");
    const twice = await shared.place.cloche(["exec", "--name", shared.name, "--", "true"], { input: "" }).ended;
    expect(twice.status).to.equal(125);
    expect(twice.stderr).to.include('There is a session called "shared" already');
  });

  it("gives a shell the terminal's size, and another size while it runs", async () => {
    await using terminal = openShell();
    await terminal.shows("$ ");
    terminal.type("stty size; tty\r");
    await terminal.shows("30 100");
    await terminal.shows("/dev/pts/");
    terminal.resize(77, 22);
    terminal.type("while [ \"$(stty size)\" != '22 77' ]; do sleep 0.1; done; echo is now $(stty size).\r");
    await terminal.shows("is now 22 77.");
    terminal.type("exit 5\r");
    expect(await terminal.ended).to.deep.equal({ status: 5, restored: true });
  });

  it("is a login shell of the agent in the project", async () => {
    await using terminal = openShell();
    await terminal.shows("$ ");
    writeFileSync(join(shared.place.project, "marker"), "of the project.");
    terminal.type("shopt -q login_shell && echo log''in of $(id -un), $(cat marker)\r");
    await terminal.shows("login of agent, of the project.");
    terminal.type("exit\r");
    expect(await terminal.ended).to.deep.equal({ status: 0, restored: true });
  });

  it("gives Ctrl-C to the program in it, not to us", async () => {
    await using terminal = openShell();
    await terminal.shows("$ ");
    terminal.type("trap : INT; sleep 1000; echo status $?.\r");
    await terminal.shows("status $?");
    await new Promise((resolve) => setTimeout(resolve, 500));
    terminal.type("\u0003");
    await terminal.shows("status 130.");
    terminal.type("echo we are still he''re; exit 0\r");
    await terminal.shows("we are still here");
    expect(await terminal.ended).to.deep.equal({ status: 0, restored: true });
  });
});

describe("Two sessions", () => {
  let shared: SharedSession;
  let place: WatchedPlace;
  let other: Started;

  before(async function () {
    this.timeout(5 * 60_000);
    shared = await sharedSession();
    place = new WatchedPlace();
    other = place.cloche(["exec", "--name", "other", "--", "sh", "-c", "echo up; exec cat"], { env: { XDG_RUNTIME_DIR: shared.place.runtime } });
    await other.says(/up\n/);
  });

  after(() => place?.[Symbol.dispose]());

  const inOther = (...argv: readonly string[]) => place.cloche(["exec", "--session", "other", "--", ...argv], { input: "", env: { XDG_RUNTIME_DIR: shared.place.runtime } }).ended;

  it("are both listed, and commands find the one they name", async () => {
    const listed = JSON.parse((await shared.place.cloche(["ls", "--json"], { input: "" }).ended).stdout) as Listed[];
    expect(listed.map(({ name }) => name).sort()).to.deep.equal(["other", "shared"]);
    expect((await inOther("hostname")).stdout).to.equal("other\n");
    expect((await shared.exec(["hostname"])).stdout).to.equal("shared\n");
  });

  it("do not see each other: neither project, nor files, nor processes, nor keys", async () => {
    writeFileSync(join(place.project, "mine"), "other's");
    expect((await inOther("cat", "mine")).stdout).to.equal("other's");
    expect((await shared.exec(["cat", join(place.project, "mine")])).status).to.equal(1);
    await shared.sh("echo x >/tmp/of-shared; echo x >/home/agent/of-shared");
    expect((await inOther("ls", "/tmp/of-shared", "/home/agent/of-shared")).status).to.equal(2);
    const facts = "cat /etc/machine-id /proc/sys/kernel/random/boot_id; ssh-keygen -y -f /run/cloche/host-key";
    const mine = (await shared.sh(facts, "root")).split("\n").filter((line) => line !== "");
    const others = (await inOther("cat", "/etc/machine-id", "/proc/sys/kernel/random/boot_id")).stdout.split("\n");
    expect(mine).to.have.lengthOf(3);
    expect(others.filter((line) => line !== "" && mine.includes(line))).to.deep.equal([]);
  });

  it("end apart: a shell in the one whose machine is killed gets its terminal back, the other goes on", async () => {
    const env = { ...place.env, XDG_RUNTIME_DIR: shared.place.runtime, TERM: "xterm-256color" };
    await using terminal = new Pty(join(ROOT, "bin/cloche"), ["shell", "--session", "other", "-C", place.project], env);
    await terminal.shows("$ ");
    terminal.type("printf '\\033[?1049h\\033[?25l'; echo full scr''een\r");
    await terminal.shows("full screen");
    process.kill(qemuOf(other.pid), "SIGKILL");
    expect(await terminal.ended).to.deep.equal({ status: 255, restored: true });
    expect(terminal.screen).to.include("\u001b[?1049l").and.include("\u001b[?25h");
    expect(terminal.screen.split("\u001b[?1049l").at(-1)).to.include("The connection with the guest is lost");
    expect((await other.ended).status).to.equal(255);
    await place.expectNothingLeft();
    expect(await shared.sh("echo on")).to.equal("on\n");
  });
});
