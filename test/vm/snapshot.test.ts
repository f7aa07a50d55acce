import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import type { Ended } from "../support/started.ts";
import { WatchedPlace } from "../support/watched-place.ts";

/** What makes one machine different from its siblings, one line each. */
const OWN = "cat /etc/machine-id /proc/sys/kernel/random/boot_id; hostname; head -c 16 /dev/urandom | od -An -tx1";

// A file system of the guest's own whose server never answers. Who asks it first can only be killed; who asks it next cannot even be killed.
const SILENT = "exec 3<>/dev/fuse; mkdir /mnt/silent; mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 silent /mnt/silent; cd /; nohup sleep 1000 >/dev/null 2>&1 & echo $! >/tmp/pid-silent";
const ROOT_DOOR = [{ run: "install -m 4755 /usr/bin/setpriv /usr/local/bin/become", as: "root" }];

describe("A session whose edits are its own", () => {
  let place: WatchedPlace;

  const cloche = async (...args: readonly string[]): Promise<Ended> => await place.cloche(args, { input: "" }).ended;
  const inside = async (name: string, script: string): Promise<string> => {
    const ended = await cloche("exec", "--session", name, "--", "sh", "-c", script);
    expect(ended.status, ended.stderr).to.equal(0);
    return ended.stdout;
  };
  const asRoot = async (name: string, script: string): Promise<string> => await inside(name, `exec become --reuid=0 --regid=0 --clear-groups -- sh -c '${script}'`);
  /** Has the guest's root stand somewhere and wait for what never answers, asleep in the kernel where no signal reaches it; answers its id. */
  const asleep = async (at: string, made: string): Promise<number> =>
    Number(await asRoot("fern", `cd "${at}"; nohup mkdir /mnt/silent/${made} >/dev/null 2>&1 & until grep -q "^State:.D" /proc/$!/status; do sleep 0.1; done; echo $!`));
  /** Takes a snapshot while all programs stand still, again when some did not within the guest's 0.6 s, as a busy host may have it and as is advised then. */
  const takeQuiet = async (name: string, ...more: readonly string[]) => {
    for (let tries = 1; ; tries += 1) {
      const taken = await cloche("snapshot", "take", "fern", "--as", name, ...more);
      expect(taken.status, taken.stderr).to.equal(0);
      if (!taken.stderr.includes("could be held still") || tries === 4) return taken;
      expect((await cloche("snapshot", "forget", name)).status).to.equal(0);
    }
  };
  const snapshots = async (): Promise<{ name: string; bytes: number; files: boolean }[]> => JSON.parse((await cloche("snapshot", "list", "--json")).stdout) as never;

  before(async function () {
    this.timeout(5 * 60_000);
    place = WatchedPlace.booting();
    writeFileSync(join(place.project, "file"), "of the host\n");
    const started = await cloche("shell", "--detach", "--name", "fern", "--memory", "1GiB", "--set", "share.mode=overlay", "--set", 'share.local=["built"]', "--set", `provision=${JSON.stringify(ROOT_DOOR)}`);
    expect(started.status, started.stderr).to.equal(0);
    await inside("fern", "echo first >file; echo made >new; echo kept >built/part; cd /tmp; nohup sh -c 'echo $$ >/tmp/pid; while :; do date +%s%N >/tmp/beating; mv /tmp/beating /tmp/beat; sleep 0.2; done' >/dev/null 2>&1 &");
  });
  after(async () => {
    await cloche("stop", "--all");
    place[Symbol.dispose]();
  });

  it("has snapshots taken of it while it runs on, which are listed with the room they take", async () => {
    const taken = await cloche("snapshot", "--as", "good");
    expect(taken.stdout, taken.stderr).to.match(/^Snapshot good of fern: \d+ MB on the disk/);
    expect(await inside("fern", "cat file new built/part")).to.equal("first\nmade\nkept\n");
    const [only] = await snapshots();
    expect(only).to.include({ name: "good", files: true });
    expect(only?.bytes).to.be.within(20e6, 1.1e9);
    expect((await cloche("ls")).stdout).to.match(/^One snapshot takes \d+ MB;/m);
    expect((await cloche("snapshot", "--as", "good")).stderr).to.include('There is a snapshot called "good" already.');
  });

  it("is not rolled back to what another QEMU or another version of cloche made: it says so, and goes on", async () => {
    const manifest = join(place.home, ".local/state/cloche/snapshots/good/session.json");
    const text = readFileSync(manifest, "utf8");
    const made = JSON.parse(text) as { version: number; machine: { key: string } };
    for (const [other, reason] of [
      [{ ...made, version: made.version + 1 }, "another version of cloche made it"],
      [{ ...made, machine: { ...made.machine, key: "of another" } }, "QEMU or cloche is another one than it was made with"],
    ] as const) {
      writeFileSync(manifest, JSON.stringify(other));
      for (const argv of [["rollback", "good"], ["snapshot", "start", "good"]]) {
        const { status, stderr } = await cloche(...argv);
        expect([status, stderr.includes(`The snapshot "good" cannot go on here: ${reason}.`)], stderr).to.deep.equal([125, true]);
      }
    }
    writeFileSync(manifest, text);
    expect(await inside("fern", "cat file; cat /tmp/pid | xargs kill -0 && echo runs")).to.equal("first\nruns\n");
    expect(JSON.parse((await cloche("ls", "--json")).stdout)).to.have.lengthOf(1);
  });

  it("is rolled back: files, processes and all, with a seed of its own and the right time", async () => {
    const before = (await inside("fern", OWN)).split("\n");
    const beating = await inside("fern", "cat /tmp/pid");
    await inside("fern", "echo second >file; rm new built/part; echo later >/tmp/later");
    const back = await cloche("rollback");
    expect(back.stdout, back.stderr).to.equal("fern\n");
    expect(await inside("fern", "cat file new built/part; ls /tmp/later 2>/dev/null; cat /tmp/pid; kill -0 $(cat /tmp/pid) && echo runs")).to.equal(`first\nmade\nkept\n${beating}runs\n`);
    const own = (await inside("fern", OWN)).split("\n");
    for (const line of [0, 1, 3]) expect(own[line]).to.not.equal(before[line]);
    const askedMs = Date.now();
    expect(Number(await inside("fern", "sleep 1; cat /tmp/beat")) / 1e6).to.be.within(askedMs - 4_000, Date.now() + 4_000);
    expect(readFileSync(join(place.project, "file"), "utf8")).to.equal("of the host\n");
    expect(existsSync(join(place.project, "new"))).to.equal(false);
  });

  it("is forked into copies that share no id and no random number, and see nothing of each other", async function () {
    this.timeout(3 * 60_000);
    const forked = await cloche("fork", "fern", "-n", "2", "--json");
    expect(forked.status, forked.stderr).to.equal(0);
    const { sessions } = JSON.parse(forked.stdout) as { sessions: string[] };
    const all = ["fern", ...sessions];
    expect(new Set(all).size).to.equal(3);
    const own = await Promise.all(all.map(async (name) => (await inside(name, OWN)).trim().split("\n")));
    for (const line of [0, 1, 2, 3]) expect(new Set(own.map((lines) => lines[line])).size, JSON.stringify(own)).to.equal(3);
    for (const name of all) await inside(name, `echo ${name} >file`);
    for (const name of all) expect(await inside(name, "cat file new")).to.equal(`${name}\nmade\n`);
    expect((await snapshots()).map(({ name }) => name)).to.deep.equal(["good"]);
  });

  it("is copied while programs read and write the project without pause: the copy has the project, and the programs go on where they were", async function () {
    this.timeout(4 * 60_000);
    for (let file = 0; file < 200; file += 1) writeFileSync(join(place.project, `source-${file}`), "x".repeat(10_000));
    const programs = {
      reads: "while :; do cat source-* | wc -c >/tmp/beside; mv /tmp/beside /tmp/reads; done",
      writes: "count=0; while :; do count=$((count + 1)); cp source-1 written; echo $count >counted; mv counted writes; done",
    };
    for (const [name, script] of Object.entries(programs)) await inside("fern", `nohup sh -c 'echo $$ >/tmp/pid-${name}; ${script}' >/dev/null 2>&1 &`);
    await inside("fern", "for wait in $(seq 600); do [ -s /tmp/reads ] && [ -s writes ] && exit; sleep 0.1; done; exit 1");
    const groups = "cat /proc/$(cat /tmp/pid-reads)/cgroup /proc/$(cat /tmp/pid-writes)/cgroup";
    const before = await inside("fern", groups);

    const taken = await takeQuiet("busy", "--json");
    expect(taken.stderr).to.not.include("could be held still");
    expect(await inside("fern", `${groups}; for wait in $(seq 50); do [ -d /sys/fs/cgroup/cloche-held ] || break; sleep 0.1; done; ls -d /sys/fs/cgroup/cloche-held 2>/dev/null; true`)).to.equal(before);
    // both do more than they had done
    await inside("fern", "rm /tmp/reads; had=$(cat writes); for wait in $(seq 600); do [ -s /tmp/reads ] && [ $(cat writes) -gt $had ] && exit; sleep 0.1; done; exit 1");
    expect(await inside("fern", "kill -0 $(cat /tmp/pid-reads) $(cat /tmp/pid-writes) && cat /tmp/reads")).to.equal("2000000\n");

    const copy = await cloche("snapshot", "start", "busy");
    expect(copy.status, copy.stderr).to.equal(0);
    const name = copy.stdout.trim();
    // its own edits, what is on the host, and what did not use the project; the two programs could not go on
    expect(await inside(name, "cat new; cat source-* | wc -c; echo more >of-the-copy; cat of-the-copy; kill -0 $(cat /tmp/pid) && echo runs")).to.equal("made\n2000000\nmore\nruns\n");
    expect(await inside(name, "for name in reads writes; do kill -0 $(cat /tmp/pid-$name) 2>/dev/null && echo $name; done; ls -d /sys/fs/cgroup/cloche-held 2>/dev/null; true")).to.equal("");
    expect((await cloche("stop", name)).status).to.equal(0);
    expect((await cloche("snapshot", "forget", "busy")).status).to.equal(0);
  });

  it("is copied though a program does not stand still: that is said, both go on, and the copy does", async function () {
    this.timeout(3 * 60_000);
    await asRoot("fern", SILENT);
    const pid = await asleep("/", "first");
    const facts = `cat /proc/${pid}/cgroup; grep ^State: /proc/${pid}/status; ls -d /sys/fs/cgroup/cloche-held 2>/dev/null; true`;
    const before = await inside("fern", facts);
    expect(before).to.match(/State:\tD/);

    const taken = await cloche("snapshot", "take", "fern", "--as", "restless");
    expect(taken.status, taken.stderr).to.equal(0);
    expect(taken.stderr).to.match(/Not all programs in fern could be held still meanwhile \(busy ([\w.-]+ )*mkdir[ )]/);
    const copy = (await cloche("snapshot", "start", "restless")).stdout.trim();
    for (const name of ["fern", copy]) {
      expect(await inside(name, `for wait in $(seq 100); do [ -d /sys/fs/cgroup/cloche-held ] || break; sleep 0.1; done; ${facts}`), name).to.equal(before);
      expect(await inside(name, "cat new; rm -f /tmp/beat; for wait in $(seq 600); do [ -s /tmp/beat ] && break; sleep 0.1; done; kill -0 $(cat /tmp/pid) && echo runs")).to.equal("made\nruns\n");
    }
    await asRoot(copy, `kill $(cat /tmp/pid-silent); for wait in $(seq 600); do [ -d /proc/${pid} ] || exit 0; sleep 0.1; done; exit 1`);
    expect((await cloche("stop", copy)).status).to.equal(0);
  });

  it("is copied though a program that uses the project neither stands still nor can be ended: the copy says that it cannot go on, the session does", async function () {
    this.timeout(3 * 60_000);
    const pid = await asleep(place.project, "second");
    const taken = await cloche("snapshot", "take", "fern", "--as", "stuck");
    expect(taken.stderr).to.match(/\(busy ([\w.-]+ )*mkdir[ )].*If they used the project just then, a copy cannot go on/);
    const { status, stdout, stderr } = await cloche("snapshot", "start", "stuck");
    expect({ status, stdout }, stderr).to.deep.equal({ status: 125, stdout: "" });
    expect(stderr).to.include("could not mount the project at").and.include("Device or resource busy");
    const listed = JSON.parse((await cloche("ls", "--json")).stdout) as { name: string }[];
    expect(listed.map(({ name }) => name)).to.include("fern").and.to.not.include("stuck");

    await asRoot("fern", `kill $(cat /tmp/pid-silent); for wait in $(seq 600); do [ -d /proc/${pid} ] || exit 0; sleep 0.1; done; exit 1`);
    const quiet = await takeQuiet("quiet");
    expect(quiet.stderr).to.not.include("could be held still");
    for (const name of ["restless", "stuck", "quiet"]) expect((await cloche("snapshot", "forget", name)).status).to.equal(0);
  });

  it("leaves nothing but the snapshots, which are forgotten", async () => {
    await cloche("stop", "--all");
    const left = (await place.left()).filter((line) => !line.includes("/snapshots"));
    expect(left, left.join("\n")).to.deep.equal([]);
    expect((await cloche("snapshot", "forget", "good")).stdout).to.match(/^Forgot good: \d+ MB\.\n$/);
    expect(readdirSync(join(place.home, ".local/state/cloche/snapshots"))).to.deep.equal([]);
  });
});
