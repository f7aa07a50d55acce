import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { Place } from "../support/place.ts";
import { withSmallDisk } from "../support/small-disk.ts";
import { start, type Ended } from "../support/started.ts";
import { WatchedPlace } from "../support/watched-place.ts";

const SMALL_DISK = 64 * 1024 * 1024;
// a file of the user's that is laid in the guest when it starts, and what laying it anew would change
const LAID = "cat ~/.claude/CLAUDE.md; stat -c '%i %z' ~/.claude/CLAUDE.md";
// the gateway has an authority of its own each time, which takes the place of the one before
const TRUSTED = "grep -c BEGIN /etc/ssl/certs/ca-certificates.crt; grep -c BEGIN /usr/local/share/ca-certificates/cloche.crt; sha256sum /usr/local/share/ca-certificates/cloche.crt";

describe("A suspended session", () => {
  let place: WatchedPlace;
  let facts: string;
  let laid: string;
  let trusted: readonly string[];

  const cloche = async (...args: readonly string[]): Promise<Ended> => await place.cloche(args, { input: "" }).ended;
  const inGuest = async (script: string): Promise<string> => (await cloche("exec", "--join", "--", "sh", "-c", script)).stdout;
  const inside = async (script: string): Promise<string> => (await cloche("exec", "--session", "fern", "--", "sh", "-c", script)).stdout;
  const instructions = (): string => join(place.home, ".claude/CLAUDE.md");
  const manifest = (): string => join(place.home, ".local/state/cloche/suspended/fern/session.json");

  before(async function () {
    this.timeout(5 * 60_000);
    place = new WatchedPlace();
    mkdirSync(join(place.home, ".claude"));
    writeFileSync(instructions(), "of the host\n");
    place.configure({}); // what is there by now was there before
    const built = await cloche("build"); // with its template, or that would be made behind the test's back
    expect(built.status, built.stderr).to.equal(0);
    const started = await cloche("shell", "--detach", "--name", "fern");
    expect(started.status, started.stderr).to.equal(0);
    await inGuest("echo kept >/tmp/kept; cd /tmp; nohup sh -c 'while :; do date +%s%N >/tmp/beating; mv /tmp/beating /tmp/beat; sleep 0.2; done' >/dev/null 2>&1 &");
    facts = await inGuest("cat /etc/machine-id /tmp/kept; hostname; pgrep -f /tmp/beat | head -n 1");
    expect(facts.trim().split("\n")).to.have.lengthOf(4);
    expect(await inGuest("cat ~/.claude/CLAUDE.md; echo of the guest >>~/.claude/CLAUDE.md")).to.equal("of the host\n");
    laid = await inGuest(LAID);
    expect(laid).to.match(/^of the host\nof the guest\n\d+ /);
    trusted = (await inGuest(TRUSTED)).split("\n");
  });
  after(async () => {
    await cloche("stop", "--all");
    place[Symbol.dispose]();
  });

  it("is not copied into others that would all edit the project, unless that is said", async () => {
    const refused = await cloche("fork", "fern");
    expect(refused.status).to.equal(125);
    expect(refused.stderr).to.include(`works on ${place.project} itself`).and.include("say --shared");
    expect(existsSync(join(place.home, ".local/state/cloche/snapshots"))).to.equal(false); // it was not even begun
  });

  it("is copied when that is said, and then all edit the project", async () => {
    const forked = await cloche("fork", "fern", "--shared");
    expect(forked.status, forked.stderr).to.equal(0);
    const copy = forked.stdout.trim();
    const inCopy = async (script: string): Promise<string> => (await cloche("exec", "--session", copy, "--", "sh", "-c", script)).stdout;
    await inCopy("echo of the copy >shared");
    expect(readFileSync(join(place.project, "shared"), "utf8")).to.equal("of the copy\n");
    expect(await inside("cat shared; echo of fern >shared")).to.equal("of the copy\n");
    expect(await inCopy("cat shared /tmp/kept; hostname")).to.equal(`of fern\nkept\n${copy}\n`);
    expect((await cloche("stop", copy)).status).to.equal(0);
  });

  it("goes on while it is copied: a program of it that writes to the project without pause loses no line, and none is written twice", async function () {
    this.timeout(4 * 60_000);
    const lines = join(place.project, "lines");
    const written = (): number[] => readFileSync(lines, "utf8").split("\n").slice(0, -1).map(Number);
    const goesOn = async (): Promise<void> => {
      const had = written().length;
      for (const until = Date.now() + 60_000; written().length < had + 100; await sleep(100)) expect(Date.now(), `${had} lines, and no more`).to.be.lessThan(until);
    };
    writeFileSync(lines, "");
    await inside("nohup sh -c 'echo $$ >/tmp/pid-writes; exec 3>>lines; while :; do line=$((line + 1)); echo $line >&3; done' >/dev/null 2>&1 &");
    await goesOn();
    const forked = await cloche("fork", "fern", "--shared");
    expect(forked.status, forked.stderr).to.equal(0);
    expect(forked.stderr).to.not.include("could be held still");
    await goesOn();
    // the writer of the copy was ended before it wrote a line of its own
    const writes = "kill -0 $(cat /tmp/pid-writes) 2>/dev/null && echo writes || echo is gone";
    expect([await inside(writes), (await cloche("exec", "--session", forked.stdout.trim(), "--", "sh", "-c", writes)).stdout]).to.deep.equal(["writes\n", "is gone\n"]);
    expect(await inside("kill $(cat /tmp/pid-writes); while kill -0 $(cat /tmp/pid-writes) 2>/dev/null; do sleep 0.1; done; wc -l <lines")).to.equal(`${written().length}\n`);
    const all = written();
    expect(all.findIndex((line, index) => line !== index + 1)).to.equal(-1);
    expect((await cloche("stop", forked.stdout.trim())).status).to.equal(0);
  });

  it("is on the disk with the room it takes, and nothing of it runs", async () => {
    const suspended = await cloche("suspend");
    expect(suspended.stdout, suspended.stderr).to.match(/^Suspended fern: \d+ MB on the disk/);
    const [only] = JSON.parse((await cloche("ls", "--json")).stdout) as { state: string; pid: number | null; bytes: number }[];
    expect(only).to.include({ name: "fern", state: "suspended", pid: null });
    expect(only?.bytes).to.be.within(20e6, 1.1e9);
    expect((await cloche("ls")).stdout).to.match(/fern +suspended, \d+ MB/);
    expect((await place.left()).filter((line) => !/\/(suspended|snapshots)/.test(line))).to.deep.equal([]);
  });

  it("is refused by another QEMU, and stays", async () => {
    const text = readFileSync(manifest(), "utf8");
    writeFileSync(manifest(), text.replace(/"key":"[^"]+"/, '"key":"of another"'));
    const refused = await cloche("resume", "fern", "--detach");
    expect(refused.status).to.equal(125);
    expect(refused.stderr).to.include("cannot go on here").and.include("(SAVED_OTHER)");
    writeFileSync(manifest(), text);
  });

  it("goes on with its files, its identity and the processes that did not use the project, at the right time", async () => {
    const resumed = await cloche("resume", "--detach");
    expect(resumed.stdout, resumed.stderr).to.equal("fern\n");
    expect(await inGuest("cat /etc/machine-id /tmp/kept; hostname; pgrep -f /tmp/beat | head -n 1")).to.equal(facts);
    const beat = async (): Promise<number> => Number(await inGuest("cat /tmp/beat"));
    const first = await beat();
    await sleep(1000);
    expect(await beat()).to.be.greaterThan(first);
    expect(Math.abs((await beat()) / 1e6 - Date.now())).to.be.lessThan(5_000);
    writeFileSync(join(place.project, "from-host"), "live");
    expect(await inGuest("cat from-host")).to.equal("live");
  });

  it("has nothing done to it again that was done when it started, whatever has become of it, until there is something else to do", async () => {
    expect(await inGuest(LAID)).to.equal(laid);
    writeFileSync(instructions(), "of the host, later\n");
    expect((await cloche("suspend", "fern")).status).to.equal(0);
    expect((await cloche("resume", "fern", "--detach", "--set", "machine.savedLimit=64MiB")).stdout).to.equal("fern\n");
    expect(await inGuest("cat ~/.claude/CLAUDE.md")).to.equal("of the host, later\n");
    const [inBundle, added, authority] = (await inGuest(TRUSTED)).split("\n");
    expect([inBundle, added]).to.deep.equal(trusted.slice(0, 2));
    expect(authority).to.match(/^[0-9a-f]{64} /).and.not.equal(trusted[2]);
  });

  it("is neither put on the disk nor copied beyond machine.savedLimit: it runs on, and nothing is left of the attempt", async () => {
    for (const argv of [["suspend", "fern"], ["snapshot", "take", "fern"], ["fork", "fern", "--shared"]]) {
      const { status, stderr } = await cloche(...argv);
      expect([status, /may take 67\.1 MB together\. It runs on\./.test(stderr), stderr.includes("machine.savedLimit")], stderr).to.deep.equal([125, true, true]);
    }
    expect(await inGuest("cat /tmp/kept; hostname")).to.equal("kept\nfern\n");
    const state = join(place.home, ".local/state/cloche");
    for (const kind of ["suspended", "snapshots"]) expect(readdirSync(join(state, kind)), kind).to.deep.equal([]);
    await cloche("stop", "fern");
  });

  it("is not resumed twice, and can be discarded", async () => {
    expect((await cloche("resume", "fern")).stderr).to.include("(SAVED_UNKNOWN)");
    expect((await cloche("shell", "--detach", "--name", "fern")).status).to.equal(0);
    expect((await cloche("suspend", "fern")).status).to.equal(0);
    expect((await cloche("stop", "fern")).stdout).to.equal("Discarded the suspended session fern.\n");
    expect(JSON.parse((await cloche("ls", "--json")).stdout)).to.deep.equal([]);
    expect((await cloche("logs", "fern")).stdout).to.match(/It ended with status \d+\.$/m);
  });
});

describe("A session whose state lies on a disk that is full", () => {
  it("is neither suspended nor copied: it runs on with its command, and nothing half-written is left", async () => {
    const disk = mkdtempSync(join(tmpdir(), "cs-"));
    using place = new Place("project", { XDG_STATE_HOME: disk });
    const cloche = (...args: readonly string[]): Promise<Ended> => place.cloche(args, { input: "" }).ended;
    try {
      const starting = [...withSmallDisk(disk, SMALL_DISK), ...place.program, "exec", "--detach", "--name", "kale", "--", "sleep", "1234"];
      const started = await start(starting, { cwd: place.project, env: place.env, input: "" }).ended;
      expect(started.status, started.stderr).to.equal(0);
      const [only] = JSON.parse((await cloche("ls", "--json")).stdout) as { pid: number }[];
      for (const argv of [["suspend", "kale"], ["snapshot", "take", "kale"], ["fork", "kale", "--shared"]]) {
        const { status, stderr } = await cloche(...argv);
        expect([status, stderr.includes("which are not to be had there"), stderr.includes("It runs on.")], stderr).to.deep.equal([125, true, true]);
      }
      expect((await cloche("exec", "--session", "kale", "--", "pgrep", "-fx", "sleep 1234")).stdout).to.match(/^\d+\n$/);
      // as the session itself sees its disk
      const state = `/proc/${only?.pid}/root${disk}/cloche`;
      expect(readdirSync(state)).to.include("sessions");
      for (const kind of ["suspended", "snapshots"]) expect(readdirSync(join(state, kind))).to.deep.equal([]);
    } finally {
      await cloche("stop", "--all");
      rmSync(disk, { recursive: true });
    }
  });
});
