import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { expect } from "chai";
import { Pty } from "../support/pty.ts";
import { qemuOf } from "../support/qemu-of.ts";
import { ROOT } from "../support/sources.ts";
import type { Ended, Started } from "../support/started.ts";
import { WitnessedDesktop } from "../support/witnessed-desktop.ts";
import { WatchedPlace } from "../support/watched-place.ts";

interface Listed { readonly name: string; readonly pid: number; readonly state: string; readonly detached: boolean }

const DETACH = "\x1c\x1c";
const FIRST_SCREEN_MS = 60_000;
// programs start slowly in a guest without KVM on a host that does other things
const GUEST_MS = 60_000;
// of what stands in the guest's /etc/debian_version
const FIRST_OF_VERSION = "13.";
// what a name of a file may hold: a title, an erased screen, the clipboard, and a control of eight bits
const HOSTILE = "\x1b]0;owned\x07\x1b[2J\x1b]52;c;b3du\x07\u009b31m";
const SHOWN = "\\u{1b}]0;owned\\u{7}\\u{1b}[2J\\u{1b}]52;c;b3du\\u{7}\\u{9b}31m";

describe("A detached session", () => {
  let place: WatchedPlace;
  let owner: number;
  /** A port of the guest's at the host's loopback that nobody closes. */
  let leftOpen = "";
  /** `cloche logs --follow` of the session. */
  let following: Started;

  const cloche = async (...args: readonly string[]): Promise<Ended> => await place.cloche(args, { input: "" }).ended;
  const list = async (): Promise<readonly Listed[]> => JSON.parse((await cloche("ls", "--json")).stdout) as Listed[];
  const attach = (...args: readonly string[]): Pty => new Pty(join(ROOT, "bin/cloche"), ["attach", "-C", place.project, ...args], { ...place.env, TERM: "xterm-256color" });

  before(async function () {
    this.timeout(5 * 60_000);
    place = new WatchedPlace();
    const started = await cloche("shell", "--detach", "--name", "fern");
    expect(started.status, started.stderr).to.equal(0);
    expect(started.stdout).to.equal("fern\n");
  });
  after(async () => {
    await cloche("stop", "--all");
    place[Symbol.dispose]();
  });

  it("goes on when the one that started it has ended, and is listed", async () => {
    const [only, ...others] = await list();
    expect(others).to.deep.equal([]);
    expect(only).to.include({ name: "fern", state: "running", detached: true });
    owner = only?.pid ?? 0;
    expect(qemuOf(owner)).to.be.greaterThan(1);
  });

  it("shows its screen to a terminal that comes, again and again, and gives the terminal back", async () => {
    for (let visit = 1; visit <= 2; visit += 1) {
      await using terminal = attach();
      await terminal.shows("$ ", FIRST_SCREEN_MS);
      terminal.type(`echo vi''sit ${visit}, $(stty size)\r`);
      await terminal.shows(`visit ${visit}, 30 100`);
      terminal.type(DETACH);
      expect(await terminal.ended).to.deep.equal({ status: 0, restored: true });
    }
    await using third = attach();
    await third.shows("visit 1, 30 100");
    await third.shows("visit 2, 30 100");
  });

  it("shows a full-screen program as it is to the terminal that takes it over, in that terminal's size", async () => {
    await using first = attach();
    await first.shows("$ ");
    first.type("vi -c 'set nocp' /etc/debian_version\r");
    await first.shows("\x1b[?1049h", GUEST_MS); // the file's name alone would be the echo of the command
    await first.shows(FIRST_OF_VERSION, GUEST_MS);
    await using refused = attach();
    expect((await refused.ended).status).to.equal(125);
    await using second = attach("--take");
    await second.shows(FIRST_OF_VERSION, GUEST_MS);
    expect(await first.ended).to.deep.equal({ status: 0, restored: true });
    second.resize(77, 22);
    // vi forgets what is typed while it draws itself anew in another size
    for (let tries = 1; ; tries += 1) {
      second.type("\x1b:q!\r");
      if (await second.shows("\x1b[?1049l", tries < 5 ? 5_000 : GUEST_MS).then(() => true, (error: unknown) => { if (tries === 5) throw error; return false; })) break;
    }
    await sleep(500);
    second.type("clear; stty size\r");
    await second.shows("22 77", GUEST_MS);
  });

  it("has the desktop say that it waits, when nobody has typed for a while, in words of ours", async function () {
    this.timeout(3 * 60_000);
    const desk = new WitnessedDesktop();
    try {
      const [program = "", ...args] = desk.seenBy([join(ROOT, "bin/cloche"), "attach", "-C", place.project]);
      await using terminal = new Pty(program, args, { ...place.env, TERM: "xterm-256color", DISPLAY: ":77" });
      await terminal.shows("$ ", FIRST_SCREEN_MS);
      terminal.type("printf 'early\\a\\n'; sleep 12; printf '\\033]9;$(id) guest words\\a\\a la''te\\n'\r");
      await terminal.shows("late", GUEST_MS);
      expect(await desk.told()).to.equal("--app-name=cloche\n--\ncloche\nThe agent waits for you in the session fern.\n");
      terminal.type(DETACH);
      await terminal.ended;
    } finally {
      desk[Symbol.dispose]();
    }
  });

  it("is not ended by a terminal that hangs up, nor by a user who logs out", async () => {
    {
      await using terminal = attach();
      await terminal.shows("$ ");
    }
    process.kill(owner, "SIGHUP");
    await sleep(500);
    expect((await cloche("exec", "--session", "fern", "--", "echo", "still here")).stdout).to.equal("still here\n");
  });

  it("is found by its project: a second shell or command needs no name", async () => {
    expect((await cloche("exec", "--join", "--", "hostname")).stdout).to.equal("fern\n");
    const elsewhere = await cloche("exec", "--join", "-C", place.home, "--", "true");
    expect(elsewhere.stderr).to.include("No session of");
    const both = await cloche("exec", "--join", "--session", "fern", "--", "true");
    expect(both.status).to.equal(2);
  });

  it("opens a port of the guest at the host's loopback when asked, and closes it", async () => {
    await cloche("exec", "-j", "--", "sh", "-c", "cd /tmp && echo from the guest >page && nohup python3 -m http.server --bind 127.0.0.1 8123 >/dev/null 2>&1 &");
    const isListed = async (): Promise<boolean> => (JSON.parse((await cloche("port", "list", "--json")).stdout) as { port: number; at: number | null }[]).some(({ port, at }) => port === 8123 && at === null);
    for (let tries = 0; !(await isListed()); tries += 1) expect(tries).to.be.lessThan(300);
    const { at } = JSON.parse((await cloche("port", "open", "8123", "--at", "0", "--json")).stdout) as { at: number };
    expect(await (await fetch(`http://127.0.0.1:${at}/page`)).text()).to.equal("from the guest\n");
    expect((await cloche("port")).stdout).to.match(new RegExp(`8123 +127.0.0.1 +python3 +http://127.0.0.1:${at}`));
    await cloche("port", "close", "8123");
    expect(await fetch(`http://127.0.0.1:${at}/page`).catch(() => "refused")).to.equal("refused");
    const again = JSON.parse((await cloche("port", "open", "8123", "--at", "0", "--json")).stdout) as { at: number };
    leftOpen = `http://127.0.0.1:${again.at}/page`;
    expect(await (await fetch(leftOpen)).text()).to.equal("from the guest\n");
  });

  it("is followed in its log: what comes is shown as it comes, until Ctrl-C, which ends nothing else", async () => {
    following = place.cloche(["logs", "--follow"], { input: "", deadlineMs: 10 * 60_000 });
    await using terminal = new Pty(join(ROOT, "bin/cloche"), ["logs", "-f", "fern"], { ...place.env, TERM: "xterm-256color" });
    const before = `Z The guest's port 8123 is open at ${leftOpen.replace("/page", "")}`;
    await Promise.all([following.says(new RegExp(before)), terminal.shows(before)]);
    await cloche("exec", "--join", "--", "getent", "hosts", "asked-now.test");
    const said = "The guest did not reach asked-now.test: no rule names this host";
    await Promise.all([following.says(new RegExp(`Z ${said}`)), terminal.shows(`Z ${said}`)]);
    terminal.type("\x03");
    expect(await terminal.ended).to.deep.equal({ status: 130, restored: true });
    expect((await cloche("exec", "--join", "--", "ln", "-s", "/etc", HOSTILE)).status).to.equal(0);
    expect((await list()).map(({ name, state }) => ({ name, state }))).to.deep.equal([{ name: "fern", state: "running" }]);
  });

  it("shows what it uses", async () => {
    const busy = cloche("exec", "-j", "--", "timeout", "6", "sh", "-c", "while :; do :; done");
    await sleep(2000);
    const [only] = JSON.parse((await cloche("top", "--json")).stdout) as { name: string; processorPercent: number; memoryBytes: number; network: unknown }[];
    expect(only).to.include({ name: "fern" });
    expect(only?.processorPercent).to.be.greaterThan(20);
    expect(only?.memoryBytes).to.be.greaterThan(50e6);
    expect(only?.network).to.have.all.keys("sentBytes", "receivedBytes");
    await busy;
  });

  it("is shown with what it uses on a terminal, again and again until Ctrl-C", async () => {
    await using terminal = new Pty(join(ROOT, "bin/cloche"), ["top"], { ...place.env, TERM: "xterm-256color" });
    await terminal.shows("PROJECT");
    expect(terminal.screen).to.match(/NAME +STATE +CPU +MEMORY +DISK READ +WRITTEN +SENT +RECEIVED +PROJECT\s+fern +running +\d+ % +\d/);
    const shown = terminal.screen.length;
    while (!terminal.screen.slice(shown).includes("fern")) await sleep(100);
    terminal.type("\x03");
    expect((await terminal.ended).restored).to.equal(true);
  });

  it("is stopped with its whole teardown, and nothing is left", async () => {
    expect((await cloche("stop")).stdout).to.equal("Stopped fern.\n");
    expect(await list()).to.deep.equal([]);
    expect(await fetch(leftOpen).catch(() => "refused")).to.equal("refused");
    const { status, stdout, stderr } = await following.ended;
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
    expect(stdout).to.include(`a link that leads out of the project: ${SHOWN} (to /etc)`);
    expect(stdout).to.match(/Z It was stopped\.\n$/).and.not.match(/(?!\n)\p{Cc}/u);
    await place.expectNothingLeft();
    expect((await cloche("stop", "fern")).stderr).to.include('No session called "fern" is running');
  });

  it("is stopped while it starts", async () => {
    const starting = place.cloche(["shell", "--detach", "--name", "moss"], { input: "" });
    while ((await list()).length === 0) await sleep(50);
    expect((await cloche("stop", "moss")).stdout).to.equal("Stopped moss.\n");
    const { status, stderr } = await starting.ended;
    expect(status).to.equal(125);
    expect(stderr).to.include("it was stopped").and.not.include("bug");
    await place.expectNothingLeft();
  });

  it("is swept when its process is killed, and nothing is left", async () => {
    await cloche("exec", "--detach", "--name", "kale", "--", "sleep", "1000");
    const [only] = await list();
    process.kill(only?.pid ?? 0, "SIGKILL");
    expect(await list()).to.deep.equal([]);
    await place.expectNothingLeft();
  });

  it("ends by itself when its command does, and its terminal hears how", async () => {
    await cloche("exec", "--detach", "-t", "--name", "leek", "--", "sh", "-c", "echo ready; read -r word; exit 7");
    await using terminal = attach("leek");
    await terminal.shows("ready");
    terminal.type("go\r");
    expect(await terminal.ended).to.deep.equal({ status: 7, restored: true });
    expect(await list()).to.deep.equal([]);
  });
});
