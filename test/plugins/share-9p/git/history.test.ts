import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { History } from "../../../../plugins/share-9p/git/history.ts";

// after which what was written is no longer looked at anew each time
const SETTLED_MS = 3_200;

describe("What changed in a tree since a token was given", () => {
  let folder: string;
  let history: History;
  let token: string;
  const at = (...names: readonly string[]) => join(folder, ...names);
  const ended = new AbortController();
  /** What is told since the last time. */
  async function told(directory = ""): Promise<readonly string[] | "anything"> {
    const changes = await history.since(token, directory);
    token = changes.token;
    return changes.paths === "anything" ? "anything" : [...changes.paths].sort();
  }

  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "cloche-history-")));
    for (const inner of ["a/b", "c", "node_modules/d", "own", ".git"]) mkdirSync(at(inner), { recursive: true });
    for (const inner of ["a", "c"]) mkdirSync(at(inner, ".git")); // each a repository of its own that may ask
    for (const file of ["x", "a/x", "a/b/x", "c/x", "node_modules/d/x", "own/x", ".git/x"]) writeFileSync(at(file), "0");
    await sleep(SETTLED_MS);
  });
  beforeEach(async () => {
    history = new History(folder, { local: ["own"], signal: ended.signal });
    token = "builtin:another:1";
    expect(await told()).to.equal("anything");
  });
  after(() => {
    ended.abort();
    rmSync(folder, { recursive: true, force: true });
  });

  const ALWAYS = ["node_modules", "own"];

  it("is nothing when nothing did, but for what is not looked into", async () => {
    expect(await told()).to.deep.equal(ALWAYS);
    expect(await told("a")).to.deep.equal([]);
  });

  it("is a file again that was just changed, since the next change could look the same", async () => {
    writeFileSync(at("x"), "1");
    expect(await told()).to.deep.equal([...ALWAYS, "x"]);
    expect(await told()).to.deep.equal([...ALWAYS, "x"]);
    await sleep(SETTLED_MS);
    await told();
    expect(await told()).to.deep.equal(ALWAYS);
  });

  it("is told by an older token too, for each token what came after it", async () => {
    const old = token;
    writeFileSync(at("a/new"), "");
    await told();
    rmSync(at("a/new"));
    await told();
    expect((await history.since(old, "a")).paths).to.deep.equal(["new"]);
  });

  it("is every file of a directory that was moved, gone or is a link now, and nothing of what the link leads to", async () => {
    renameSync(at("a"), at("z"));
    expect(await told()).to.include.members(["a/x", "a/b/x", "z/x", "z/b/x"]);
    symlinkSync("/usr", at("a"));
    expect(await told()).to.include("a").and.not.include("a/bin");
    rmSync(at("a"));
    renameSync(at("z"), at("a"));
    expect(await told()).to.include.members(["a", "z/x", "a/x"]);
  });

  it("is a file whose size and time are as before", async () => {
    writeFileSync(at("c/x"), "1");
    utimesSync(at("c/x"), 1, 1);
    await sleep(SETTLED_MS);
    await told();
    await told();
    writeFileSync(at("c/x"), "2");
    utimesSync(at("c/x"), 1, 1);
    expect(await told()).to.include("c/x");
  });

  it("is anything for an unknown token, a directory that is not looked into, and one that the host does not have", async () => {
    const life = token.split(":")[1];
    for (const unknown of ["", "9p:x:1", `9p:${life}:999`, `9p:${life}:`, `9p:${life}:-1`, "c:1:2", token.replace("9p", "8p")]) expect((await history.since(unknown, "")).paths, unknown).to.equal("anything");
    for (const directory of ["node_modules", "node_modules/d", "own/e", ".git", ".git/worktrees/w", "nowhere", "a/x", ".."]) expect((await history.since(token, directory)).paths, directory).to.equal("anything");
  });

  it("is anything where git may have a cache of untracked files, which we know nothing of", async () => {
    writeFileSync(at(".git/index"), "DIRC");
    expect(await told()).to.include("own");
    writeFileSync(at(".git/index"), "DIRC......UNTR");
    expect(await told()).to.equal("anything");
    expect(await told("c")).to.not.equal("anything");
    rmSync(at(".git/index"));
    mkdirSync(at("c/w"));
    const asIn = async (gitFile: string) => {
      writeFileSync(at("c/w/.git"), gitFile);
      return await told("c/w");
    };
    mkdirSync(at("c/.git/worktrees/w"), { recursive: true });
    expect(await asIn("gitdir: ../.git/worktrees/w\n")).to.deep.equal([]);
    writeFileSync(at("c/.git/worktrees/w/index"), "UNTR");
    for (const file of ["gitdir: ../.git/worktrees/w\n", `gitdir: ${at("c/.git/worktrees/w")}\n`, "gitdir: ../../../..\n", "gitdir: /etc\n", "", "x"]) expect(await asIn(file), file).to.equal("anything");
    rmSync(at("c/w"), { recursive: true });
  });

  it("is anything when the tree is gone, and again when it is back", async () => {
    renameSync(folder, `${folder}-away`);
    expect(await told()).to.equal("anything");
    renameSync(`${folder}-away`, folder);
    expect(await told()).to.include.members(["a/x", "x"]);
    expect(await told()).to.include.members(ALWAYS).and.not.include("a/x");
  });

  it("is told whole to each of many who ask at once, by less looking than asking", async () => {
    const answers = await Promise.all(Array.from({ length: 60 }, async (_, index) => {
      await sleep(index);
      return await history.since(token, "");
    }));
    for (const { paths } of answers) expect(paths).to.include.members(ALWAYS);
    const looks = new Set(answers.map((answer) => answer.token)).size;
    expect(looks).to.be.within(2, 59);
  });
});
