import { execFileSync, spawnSync } from "node:child_process";
import { appendFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { isFailure } from "../../../../core/index.ts";
import { standingOf } from "../../../../plugins/share-9p/review/apply.ts";
import { ChangeStore } from "../../../../plugins/share-9p/review/store.ts";
import { Pty } from "../../../support/pty.ts";
import { ROOT } from "../../../support/sources.ts";
import { ReviewPlace, told } from "./review-place.ts";

const list = () => import("../../../../plugins/share-9p/commands/changes-list.ts");
const apply = () => import("../../../../plugins/share-9p/commands/changes-apply.ts");
const drop = () => import("../../../../plugins/share-9p/commands/changes-drop.ts");
const diff = () => import("../../../../plugins/share-9p/commands/changes-diff.ts");
const TEN = Array.from({ length: 30 }, (_, index) => `line ${index}\n`);
const withLine = (lines: readonly string[], at: number, text: string) => lines.map((line, index) => (index === at ? text : line));

describe("Changes in review", () => {
  let place: ReviewPlace;
  let stores: ChangeStore[];
  beforeEach(() => {
    place = new ReviewPlace();
    stores = [];
  });
  afterEach(() => place[Symbol.dispose]());

  /** The session has ended, though its process is ours. */
  async function session(...frames: readonly Buffer[]): Promise<ChangeStore> {
    const store = await place.session(...frames);
    stores.push(store);
    for (const folder of readdirSync(join(place.state, "changes"))) {
      for (const name of readdirSync(join(place.state, "changes", folder))) {
        const about = join(place.state, "changes", folder, name, "about.json");
        writeFileSync(about, readFileSync(about, "utf8").replace(/"startTicks":\d+/, '"startTicks":1'));
      }
    }
    return store;
  }
  const project = (path: string) => join(place.project, path);
  const read = (path: string) => readFileSync(project(path), "utf8");

  it("are what differs from the host, and nothing of them reaches it before they are applied", async () => {
    place.put("same", "same");
    place.put("changed", "before");
    place.put("gone", "x");
    place.put("folder/inside", "x");
    const store = await session(told("f", "same", "same"), told("f", "changed", "after"), told("f", "new/deep/file", "new"), told("d", "new"), told("d", "folder"),
      told("w", "gone"), told("w", "never"), told("l", "link", "changed"), told("f", "tool", "#!", 0o4755), told("x", "pipe"));
    expect([...store.changes.keys()].sort()).to.deep.equal(["changed", "gone", "link", "new", "new/deep/file", "tool"]);
    expect(read("changed")).to.equal("before");
    expect(await place.run(list, [], { json: true })).to.equal(0);
    expect(JSON.parse(place.printed[0] ?? "")).to.deep.include({ session: "one", path: "changed", kind: "file", what: "changed", size: 5, standing: "ready" });
    expect(await place.run(apply)).to.equal(0);
    expect([read("changed"), read("new/deep/file"), readlinkSync(project("link")), existsSync(project("gone"))]).to.deep.equal(["after", "new", "changed", false]);
    expect(statSync(project("tool")).mode & 0o7777).to.equal(0o777 & ~process.umask());
    expect(ChangeStore.all(place.state, place.project)).to.deep.equal([]);
  });

  it("lie on the disk encrypted", async () => {
    const canary = "a line that nobody else may read";
    const store = await session(told("f", "secret", canary));
    expect(spawnSync("grep", ["-r", canary, place.state]).status).to.equal(1);
    writeFileSync(join(place.folder, "control"), canary);
    expect(spawnSync("grep", ["-r", canary, place.folder]).status).to.equal(0);
    expect(store.vault.read(store.changes.get("secret")?.blob ?? 0).toString()).to.equal(canary);
  });

  it("are shown as a patch that git can apply, whatever the names are", async () => {
    place.put("text", TEN.join(""));
    place.put("no end", "a\nb");
    const after = withLine(withLine(TEN, 3, "three\n"), 25, "twenty-five\n").join("");
    await session(told("f", "text", after), told("f", "no end", "a\nc"), told("f", 'odd "n\na\xffme', "x\n"), told("f", "bin", Buffer.from([0, 1, 2])), told("l", "ln", "text"));
    const file = join(place.folder, "out.patch");
    expect(await place.run(diff, ["text", "no end", 'odd "n', "ln"].filter((name) => name !== 'odd "n'), { output: file })).to.equal(0);
    place.put("odd", "");
    const git = (...args: string[]) => execFileSync("git", args, { cwd: place.project, encoding: "utf8" });
    git("init", "-q");
    git("apply", file);
    expect([read("text"), read("no end"), readlinkSync(project("ln"))]).to.deep.equal([after, "a\nc", "text"]);
    expect(await place.run(diff)).to.equal(0);
    expect(place.printed.join("\n")).to.include("Binary files differ").and.include('odd \\"n\\012a\\377me').and.include("@@ -1,7 +1,7 @@");
  });

  it("are shown on a terminal in a pager that runs nothing, and control it by no sequence", async function () {
    this.timeout(60_000);
    const lines = Array.from({ length: 200 }, (_, index) => `line ${index + 1} \u001b]52;c;eA==\u0007.\n`);
    await session(told("f", "long", lines.join("")));
    const env = { PATH: "/usr/bin:/bin", TERM: "xterm", LANG: "C.UTF-8", HOME: join(place.folder, "home"), XDG_STATE_HOME: join(place.folder, "state"), XDG_RUNTIME_DIR: join(place.folder, "run") };
    await using terminal = new Pty(join(ROOT, "bin/cloche"), ["changes", "diff", "-C", place.project], env);
    await terminal.shows("+line 5 ");
    const mark = join(place.folder, "mark");
    terminal.type(`!touch ${mark}\r`); // refused at its first letter, so that the others are orders of their own: the last a search
    const quitting = setInterval(() => terminal.type("q"), 500);
    expect((await terminal.ended.finally(() => clearInterval(quitting))).status).to.equal(0);
    expect(existsSync(mark)).to.equal(false);
    expect(terminal.screen).to.not.include("\u001b]52");
    expect(terminal.screen.includes("+line 200 "), "without a pager all is shown").to.equal(!existsSync("/usr/bin/less"));
  });

  it("that meet an edit of the user's are conflicts, until merged or forced; what is left stays", async () => {
    place.put("both", TEN.join(""));
    place.put("apart", TEN.join(""));
    place.put("easy", "1");
    const store = await session(told("f", "both", withLine(TEN, 5, "theirs\n").join("")), told("f", "apart", withLine(TEN, 5, "theirs\n").join("")), told("f", "easy", "2"));
    place.put("both", withLine(TEN, 5, "mine\n").join(""));
    place.put("apart", withLine(TEN, 20, "mine\n").join(""));
    expect(await place.run(apply)).to.equal(1);
    expect(place.printed.join("\n")).to.include("left: both: you changed it too").and.include("1 change applied, 2 left");
    expect(await place.run(apply, [], { merge: true })).to.equal(1);
    expect(read("apart")).to.equal(withLine(withLine(TEN, 5, "theirs\n"), 20, "mine\n").join(""));
    expect(read("both")).to.include("mine").and.not.include("theirs");
    expect(await place.run(apply, ["both"], { force: true })).to.equal(0);
    expect(read("both")).to.include("theirs");
    store.drop();
  });

  it("can be taken part by part", async () => {
    place.put("text", TEN.join(""));
    await session(told("f", "text", withLine(withLine(TEN, 3, "three\n"), 25, "twenty-five\n").join("")));
    place.answers = [false, true];
    expect(await place.run(apply, [], { hunks: true })).to.equal(1);
    expect(read("text")).to.equal(withLine(TEN, 25, "twenty-five\n").join(""));
    expect(await place.run(diff)).to.equal(0);
    expect(place.printed.at(-1)).to.include("+three").and.not.include("twenty-five");
    place.answers = [true];
    expect(await place.run(apply, [], { hunks: true })).to.equal(0);
    expect(read("text")).to.include("three");
  });

  it("of what runs by itself, of new repositories, and links that lead out take an option of their own", async () => {
    place.put(".git/config", "[core]\n");
    await session(told("f", ".git/config", "[core]\nfsmonitor=evil\n"), told("f", ".git/refs/heads/x", "1\n"), told("f", ".envrc", "evil"), told("f", "sub/.vscode/tasks.json", "{}"),
      told("d", "inner/.git"), told("f", "inner/.git/HEAD", "x"), told("f", "inner/.git/config", "x"), told("l", "out", "/etc/passwd"), told("l", "in", "sub"), told("f", "b/HEAD", "x"), told("d", "b/objects"));
    expect(await place.run(apply)).to.equal(1);
    const left = place.printed.filter((line) => line.startsWith("left: ")).map((line) => line.split(":")[1]?.trim());
    expect(left).to.deep.equal([".envrc", ".git/config", "b/HEAD", "b/objects", "inner/.git", "inner/.git/HEAD", "inner/.git/config", "out", "sub/.vscode/tasks.json"]);
    expect([existsSync(project(".envrc")), existsSync(project("inner")), existsSync(project(".git/refs/heads/x"))]).to.deep.equal([false, false, true]);
    expect(await place.run(apply, [], { frozen: true })).to.equal(0);
    expect(read(".envrc")).to.equal("evil");
  });

  it("follow no link that was put in the way on the host", async () => {
    mkdirSync(join(place.folder, "outside"));
    place.put("folder/file", "x");
    await session(told("f", "folder/file", "y"), told("f", "folder/new", "y"), told("w", "folder/file2"));
    rmSync(project("folder"), { recursive: true });
    symlinkSync(join(place.folder, "outside"), project("folder"));
    const failure = await place.run(apply, [], { force: true }).catch((error: unknown) => error);
    expect(isFailure(failure, "SHARE_APPLY_FAILED")).to.equal(true);
    expect(readdirSync(join(place.folder, "outside"))).to.deep.equal([]);
    rmSync(project("folder"));
    expect(await place.run(apply, [], { force: true })).to.equal(0);
    expect(read("folder/new")).to.equal("y");
  });

  it("replace a directory by what the session has in it, and a directory by a file", async () => {
    place.put("full/old", "x");
    place.put("full/kept", "x");
    place.put("full/deep/old", "x");
    place.put("dir/x", "x");
    await session(told("o", "full"), told("f", "full/kept", "y"), told("d", "full/deep"), told("f", "full/deep/new", "y"), told("f", "dir", "file"));
    expect(await place.run(apply)).to.equal(0);
    expect(readdirSync(project("full"), { recursive: true }).sort()).to.deep.equal(["deep", "deep/new", "kept"]);
    expect(read("dir")).to.equal("file");
  });

  it("go on after an interruption where they were, and survive a log that was cut short", async () => {
    const store = await session(told("f", "a", "1"), told("f", "b", "2"), told("f", "c", "3"));
    place.put("b", "2"); // applied just before the kill
    const [folder = ""] = readdirSync(join(place.state, "changes"));
    const [name = ""] = readdirSync(join(place.state, "changes", folder));
    appendFileSync(join(place.state, "changes", folder, name, "log"), '{"set":{"path":"d"');
    expect(standingOf(place.project, store.changes.get("b") as never)).to.equal("done");
    renameSync(project("b"), project("b"));
    expect(await place.run(apply)).to.equal(0);
    expect([read("a"), read("b"), read("c")]).to.deep.equal(["1", "2", "3"]);
  });

  it("undone in the guest are none, and dropped ones are gone", async () => {
    place.put("a", "1");
    const store = await session(told("f", "a", "2"), told("f", "b", "2"), Buffer.from(`E\nD ${Buffer.from("b").toString("hex")}\n`), told("f", "a", "1"), told("f", "c", "3"));
    expect([...store.changes.keys()]).to.deep.equal(["c"]);
    expect(await place.run(drop, ["c"])).to.equal(0);
    expect(ChangeStore.all(place.state, place.project)).to.deep.equal([]);
    const failure = await place.run(diff).catch((error: unknown) => error);
    expect(isFailure(failure, "SHARE_NO_CHANGES")).to.equal(true);
  });

  for (const [what, frame] of [
    ["leads up", told("f", "../up", "x")], ["leads up inside", told("f", "a/../../up", "x")], ["is absolute", told("f", "/etc/x", "x")], ["is empty", told("f", "a//b", "x")],
    ["has a NUL", told("f", "a\0b", "x")], ["is too long a name", told("f", "n".repeat(256), "x")], ["is too long", told("f", `${"n/".repeat(3000)}x`, "x")],
  ] as const) {
    it(`cannot have a path that ${what}`, async () => {
      expect(await place.session(frame).then(() => "", (error: Error) => error.message)).to.match(/leads elsewhere|too long/);
      expect(readdirSync(place.project)).to.deep.equal([]);
    });
  }

  it("of a session that goes on are those that it tells again, each compared with what the host had when it was first made", async () => {
    place.put("file", "before");
    await session(told("f", "file", "the guest's"), told("f", "later", "x"));
    place.put("file", "the user's, meanwhile");
    const store = await place.goesOn(told("f", "file", "the guest's"));
    expect([...(store?.changes.keys() ?? [])]).to.deep.equal(["file"]);
    expect(ChangeStore.all(place.state, place.project)).to.have.lengthOf(1);
    const change = store?.changes.get("file");
    expect(change && standingOf(place.project, change)).to.equal("conflict");
    expect(await place.goesOn()).to.equal(undefined, "it runs");
  });

  it("end where the guest says what has no sense", async () => {
    for (const frame of ["C 5\nhello", "R f 420 61\nR f 420 62\n", "hello\n", "x".repeat(20_000), `R f 420 61\nC 99999\n`, "R z 420 61\n"]) {
      expect(await place.session(Buffer.from(frame)).then(() => frame, () => ""), frame.slice(0, 40)).to.equal("");
    }
  });

  it("of 1,000 files are listed, shown and applied in little time", async () => {
    for (let index = 0; index < 1000; index++) place.put(`d${index % 20}/f${index}`, TEN.join(""));
    const after = withLine(TEN, 3, "three\n").join("");
    const before = process.cpuUsage();
    await session(...Array.from({ length: 1000 }, (_, index) => told("f", `d${index % 20}/f${index}`, after)));
    expect(await place.run(list)).to.equal(0);
    expect(await place.run(diff)).to.equal(0);
    expect(await place.run(apply)).to.equal(0);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6, "seconds of the processor").to.be.lessThan(6);
    expect(lstatSync(project("d3/f3")).size).to.equal(after.length);
  });
});
