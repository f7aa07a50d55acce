import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { Oracle } from "../jail/frozen/oracle.ts";
import { ALL_NAMES, attackAll, HARMLESS, NESTED_NAMES, prepare, REFUSED, VECTORS } from "../jail/frozen/vectors.ts";
import { Place } from "../support/place.ts";
import { entriesOf, readOr } from "../support/proc.ts";
import { Program } from "../support/program.ts";
import type { Started } from "../support/started.ts";

const MANY = 300;
const START_MS = 5 * 60_000;
const EVERYWHERE = { ...ALL_NAMES, ...NESTED_NAMES };
const BECOME_ROOT = ["become", "--reuid=0", "--regid=0", "--clear-groups", "--"];
// What the attacks are written with, telling on standard output.
const PREAMBLE = `use strict; use Errno; use Fcntl; $| = 1; our $dir = shift;
our %errno = map { eval("Errno::$_()") => $_ } @{$Errno::EXPORT_TAGS{POSIX}};
sub try { my ($name, $result) = @_; my $e = $!; print "$name ", ($result ? "ok" : ($errno{$e+0} // $e+0)), "\\n" }
`;

async function until(isSo: () => boolean, ms = 20_000): Promise<void> {
  for (const deadline = Date.now() + ms; !isSo() && Date.now() < deadline; ) await sleep(50);
  expect(isSo(), isSo.toString()).to.equal(true);
}

describe("A frozen project in a machine", () => {
  let place: Place;
  let program: Program;
  let oracle: Oracle;
  let keeper: Started;
  let before: string[];
  /** Further directories, lent for writing: nothing is there that is frozen in the one, everything in the other, at several depths. */
  let absent: string;
  let present: string;
  const listing = () => readdirSync(place.project).sort();
  const hostGit = (...args: string[]) => oracle.run(place.project, ["git", ...args]);
  async function inGuest(argv: readonly string[], user: "agent" | "root" = "root", input = ""): Promise<string> {
    const words = [...(user === "root" ? BECOME_ROOT : []), ...argv];
    const { stdout, stderr } = await place.cloche(["exec", "--session", "frozen", "--", ...words], { input }).ended;
    return stdout + stderr;
  }
  async function startSession(share: unknown): Promise<void> {
    place.configure({ share });
    keeper = place.cloche(["exec", "--name", "frozen", "--", "sh", "-c", "echo ready; exec cat"], { deadlineMs: START_MS });
    await keeper.says(/ready\n/);
  }

  before_(async () => {
    program = new Program("root-door");
    place = new Place("project", {}, program.command);
    oracle = new Oracle();
    writeFileSync(join(oracle.folder, "evil"), oracle.payload, { mode: 0o755 });
    prepare(place.project, oracle, true);
    mkdirSync(join(place.project, "many")); // so that git in the guest asks what changed, in all that it does here
    for (let index = 0; index < MANY; index += 1) writeFileSync(join(place.project, `many/${index}`), "1234");
    hostGit("add", "-A");
    hostGit("commit", "-qm", "second");
    before = listing();
    mkdirSync(join(place.folder, "lent"));
    writeFileSync(join(place.folder, "lent/file"), "lent");
    absent = join(place.folder, "absent");
    mkdirSync(absent);
    prepare(absent, oracle, false);
    present = join(place.folder, "present");
    mkdirSync(present);
    prepare(present, oracle, true, EVERYWHERE);
    const directories = [{ path: join(place.folder, "lent"), at: "/srv/lent" }, { path: absent, at: "/srv/absent", write: true }, { path: present, at: "/srv/present", write: true }];
    await startSession({ local: ["node_modules"], directories });
  });
  after(async function () {
    this.timeout(60_000);
    keeper.kill("SIGKILL");
    await keeper.ended.catch(() => {});
    oracle[Symbol.dispose]();
    place[Symbol.dispose]();
    program[Symbol.dispose]();
  });

  it("is clean for the host's git while the session runs", () => {
    expect(listing()).to.include.members([".nvimrc", ".zed"]);
    expect(existsSync(join(place.project, ".claude/settings.local.json"))).to.equal(true);
    expect(hostGit("status", "--porcelain", "--untracked-files=all")).to.equal("");
  });

  it("lets ordinary work with git go on", async () => {
    const work = `cd "$0" && git config --global user.name a && git config --global user.email a@a && echo 1 >>file && git commit -qam one && git checkout -qb side HEAD~1 &&
      echo 2 >other && git add other && git commit -qm two && git rebase -q master && echo 3 >>file && git stash -q && git stash pop -q && git add -A && git commit -qam three &&
      git worktree add -q inner-tree -b inner && (cd inner-tree && echo 4 >four && git add -A && git commit -qm four) && git worktree remove inner-tree && git checkout -q master && git merge -q side && git log --oneline | wc -l &&
      echo 5 >>file && mkdir new && echo 5 >new/five && git stash -qu && ! [ -e new ] && git stash pop -q && cat new/five && git checkout -q file && git clean -fdq && ls -d new .nvimrc`;
    expect(await inGuest(["sh", "-c", work, place.project], "agent")).to.match(/^5\n5\n.*ls: cannot access 'new'.*\.nvimrc\n$|^5\n5\n\.nvimrc\n.*cannot access 'new'/s);
    expect(hostGit("log", "--oneline").split("\n")).to.have.lengthOf(6);
    expect(hostGit("status", "--porcelain")).to.equal("");
    expect(hostGit("ls-files", ".claude")).to.equal(".claude/commands/x.md\n.claude/settings.json\n");
  });

  it("tells git in the guest what changed on either side, and what is only in a mapping yet, so that it looks at nothing else", async () => {
    const script = `import mmap, subprocess, sys
def run(command): return subprocess.run(command, shell=True, capture_output=True, text=True).stdout
run("until git config core.fsmonitor; do sleep 0.2; done")
file = open("many/2", "r+b"); mapping = mmap.mmap(file.fileno(), 0); run("sleep 4; git status")  # it looks at all, once
print("ready", flush=True); sys.stdin.readline()
mapping[0:4] = b"abcd"
print(run("echo of the guest >many/3; GIT_TRACE2_PERF=/tmp/looked git status --porcelain -- many"), run("sed -n 's/.*sum_lstat:*//p' /tmp/looked; git checkout -q many"), sep="|", flush=True)`;
    const asking = place.cloche(["exec", "--session", "frozen", "--", "python3", "-c", script]);
    await asking.says(/ready\n/);
    writeFileSync(join(place.project, "many/1"), "of the host");
    asking.stdin.end("\n");
    const [status, looked = ""] = (await asking.ended).stdout.replace(/^ready\n/, "").split("|");
    expect(status).to.equal(" M many/1\n M many/2\n M many/3\n");
    expect(Number(looked.trim())).to.be.within(1, MANY / 2);
    expect(hostGit("status", "--porcelain", "--", "many")).to.equal("");
  });

  it("says no when git wants to change a frozen file that is tracked", async () => {
    const said = await inGuest(["sh", "-c", `cd "$0" && git rm -q .npmrc; git status --short; git reset -q --hard`, place.project], "agent");
    expect(said).to.match(/\.npmrc/);
    expect(existsSync(join(place.project, ".npmrc"))).to.equal(true);
  });

  it("holds what the host's git replaced in mid-session", async () => {
    hostGit("config", "alias.mine", "status");
    // Any QEMU: a second one of this cloche may be making a template.
    await until(() => entriesOf("/proc").some((pid) => readOr(`/proc/${pid}/mountinfo`).includes("/project/.git/config /project/.git/config ro")));
    expect(await inGuest(["sh", "-c", `echo evil >"$0/.git/config"`, place.project])).to.include("Read-only file system");
    expect(readFileSync(join(place.project, ".git/config"), "utf8")).to.include("mine").and.not.include("evil");
  });

  it("shows a further directory, which the guest's root cannot write to, whatever it mounts anew", async () => {
    const attack = "cat /srv/lent/file; mount -o remount,rw /srv/lent; echo evil >/srv/lent/file; rm /srv/lent/file; touch /srv/lent/new";
    expect(await inGuest(["sh", "-c", attack])).to.match(/^lent/);
    expect([readFileSync(join(place.folder, "lent/file"), "utf8"), readdirSync(join(place.folder, "lent"))]).to.deep.equal(["lent", ["file"]]);
  });

  it("keeps a local directory in the guest", async () => {
    expect(await inGuest(["sh", "-c", `cd "$0" && echo here >node_modules/x && cat node_modules/x && stat -f -c %T node_modules`, place.project], "agent")).to.equal("here\ntmpfs\n");
    expect(readdirSync(join(place.project, "node_modules"))).to.deep.equal([]);
  });

  it("lets no vector of the guest's root through, by no way, as the host's git, direnv, npm and editor see it", async () => {
    for (const [folder, vectors] of [[place.project, VECTORS], ["/srv/absent", ALL_NAMES], ["/srv/present", EVERYWHERE]] as const) {
      const lines = (await inGuest(["perl", "-", folder], "root", PREAMBLE + attackAll(oracle, vectors))).split("\n").filter((line) => line !== "");
      expect(lines).to.have.length.above(14 * Object.keys(vectors).length);
      expect(lines.filter((line) => !REFUSED.test(line) && !HARMLESS.test(line)).join("\n"), folder).to.equal("");
    }
    await inGuest(["sh", "-c", `cd "$0" && git init -q newrepo && printf '[core]\\nfsmonitor=x\\n' >>newrepo/.git/config && ln -s /etc out`, place.project], "agent");
    keeper.stdin.end();
    const { stderr } = await keeper.ended;
    expect(stderr).to.include(".git/config was replaced on the host; it is frozen again");
    expect(stderr).to.include("newrepo/.git (with fsmonitor)").and.include("out (to /etc)");
    const { findings } = JSON.parse((await place.cloche(["report", "--json"], { input: "" }).ended).stdout) as { findings: { kind: string; path: string; detail: string }[] };
    expect(findings.filter(({ path }) => path === "newrepo/.git" || path === "out")).to.deep.equal([{ kind: "repository", path: "newrepo/.git", detail: "with fsmonitor" }, { kind: "link", path: "out", detail: "to /etc" }]);
    for (const folder of [place.project, absent, present]) expect(oracle.judge(folder), folder).to.equal("");
    expect(listing().filter((name) => !before.includes(name) && !/^(zz-|newrepo$|out$|other$|\.[A-Z])/.test(name) && !/^\.(NpmRc|MCP)/.test(name))).to.deep.equal(["four"].filter((name) => existsSync(join(place.project, name))));
  });

  it("loses its placeholders also when the session is killed outright", async () => {
    await startSession({});
    expect(existsSync(join(place.project, ".zed"))).to.equal(true);
    keeper.kill("SIGKILL");
    await keeper.ended.catch(() => {});
    await until(() => !existsSync(join(place.project, ".zed")) && !existsSync(join(place.project, ".git/commondir")));
  });

  it("is not changed at all in review mode, and what a killed session did is not lost", async () => {
    const tree = () => execFileSync("sh", ["-c", "find . -type f | sort | xargs -d '\\n' sha256sum"], { cwd: place.project, encoding: "utf8" });
    const was = tree();
    await startSession({ mode: "review" });
    await inGuest(["sh", "-c", `cd "$0" && echo changed >file && rm package.json && mkdir -p a/new && echo evil >.envrc && echo x >a/new/file && mount -o remount,rw /run/cloche/share/lower; echo evil >/run/cloche/share/lower/file`, place.project]);
    const count = async () => (JSON.parse((await place.cloche(["changes", "--json"], { input: "" }).ended).stdout) as unknown[]).length;
    for (let tries = 0; tries < 60 && (await count()) < 5; tries++) await sleep(300);
    keeper.kill("SIGKILL");
    await keeper.ended.catch(() => {});
    expect(tree()).to.equal(was);
    const { status, stdout } = await place.cloche(["changes", "apply"], { input: "" }).ended;
    expect(stdout).to.include("left: .envrc: runs by itself on the host").and.include("4 changes applied, 1 left.");
    expect(status).to.equal(1);
    expect([readFileSync(join(place.project, "file"), "utf8"), existsSync(join(place.project, "package.json")), readFileSync(join(place.project, "a/new/file"), "utf8")]).to.deep.equal(["changed\n", false, "x\n"]);
    expect((await place.cloche(["changes", "drop"], { input: "" }).ended).status).to.equal(0);
  });

  it("cannot be written to in readonly mode, whatever the guest's root mounts anew", async () => {
    await startSession({ mode: "readonly" });
    const attack = `cd "$0" && cat file; mount -o remount,rw "$0"; mkdir /tmp/again && mount -i -t 9p -o trans=virtio,version=9p2000.L,rw project /tmp/again; for at in . /tmp/again; do echo evil >$at/file; touch $at/new; rm $at/file; mv $at/a $at/b; chmod 777 $at/file; done`;
    const was = execFileSync("sh", ["-c", "find . | sort; cat file; stat -c %a file"], { cwd: place.project, encoding: "utf8" });
    expect(await inGuest(["sh", "-c", attack, place.project])).to.match(/^changed\n/).and.include("Read-only file system");
    expect(execFileSync("sh", ["-c", "find . | sort; cat file; stat -c %a file"], { cwd: place.project, encoding: "utf8" })).to.equal(was);
    keeper.stdin.end();
    expect((await keeper.ended).status).to.equal(0);
  });
});

function before_(work: () => Promise<void>): void {
  before(async function () {
    this.timeout(START_MS);
    await work();
  });
}
