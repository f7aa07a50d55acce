import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { Jailed } from "../../../core/machine/containment.ts";
import { filesBelow, ROOT } from "../../support/sources.ts";
import { Placeholders } from "../../../plugins/share-9p/frozen/placeholders.ts";
import { FrozenArena } from "./frozen-arena.ts";
import { Oracle } from "./oracle.ts";

const IDLE = ["/usr/bin/sleep", "1000"];

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 5_000; !isSo() && Date.now() < deadline; ) await sleep(10);
  expect(isSo(), isSo.toString()).to.equal(true);
}

/** What of the project is not as it was. */
function listing(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "latin1" }).sort();
}

describe("Placeholders of frozen files", () => {
  let arena: FrozenArena;
  let oracle: Oracle;
  let jailed: Jailed;
  const git = (...args: string[]) => oracle.run(arena.folder, ["git", ...args]);
  beforeEach(async () => {
    arena = new FrozenArena();
    oracle = new Oracle();
    git("init", "-q");
    writeFileSync(join(arena.folder, "file"), "1\n");
    git("add", "-A");
    git("commit", "-qm", "1");
    jailed = await arena.launch(IDLE);
  });
  afterEach(async () => {
    oracle[Symbol.dispose]();
    await arena[Symbol.asyncDispose]();
  });

  it("are seen by no git, never committed, and gone at the end", async () => {
    const before = listing(arena.folder);
    const { count } = await arena.freeze(jailed);
    expect(count).to.be.greaterThan(30);
    expect(listing(arena.folder)).to.include.members([".envrc", ".vscode", ".git/config.worktree", ".git/commondir"]);
    expect(git("status", "--porcelain", "--untracked-files=all", "--ignored")).to.equal("");
    writeFileSync(join(arena.folder, "file"), "2\n");
    git("stash", "-u");
    git("stash", "pop");
    git("add", "-A");
    git("commit", "-qm", "2");
    git("worktree", "add", "-q", "-b", "other", `${oracle.folder}/other`);
    git("rebase", "-q", "other");
    expect(git("show", "--name-only", "--format=")).to.equal("file\n");
    expect(git("fsck", "--no-dangling")).to.not.match(/error|fatal/);
    git("worktree", "remove", `${oracle.folder}/other`);
    arena.placeholders?.end();
    const left = listing(arena.folder).filter((path) => !before.includes(path) && !/^\.git\/(objects|logs|refs|COMMIT_EDITMSG|ORIG_HEAD|index|worktrees)/.test(path));
    expect(left).to.deep.equal([]);
    expect(arena.notes()).to.deep.equal([]);
  });

  it("are seen by no git also where they have to be files, and where the user ignores what the user wants", async () => {
    mkdirSync(join(arena.folder, ".claude/commands"), { recursive: true });
    writeFileSync(join(arena.folder, ".claude/commands/x.md"), "x");
    mkdirSync(join(arena.folder, "sub/.claude"), { recursive: true });
    writeFileSync(join(arena.folder, "sub/.claude/settings.json"), "{}");
    git("add", "-A");
    git("commit", "-qm", "agent");
    const before = listing(arena.folder);
    await arena.freeze(jailed);
    expect(listing(arena.folder)).to.include.members([".claude/settings.json", ".claude/settings.local.json", ".claude/.gitignore"]);
    expect(git("status", "--porcelain", "--untracked-files=all")).to.equal("");
    writeFileSync(join(arena.folder, "file"), "2\n");
    git("stash", "-u");
    expect(listing(arena.folder)).to.include(".claude/settings.local.json");
    git("stash", "pop");
    git("add", "-A");
    git("commit", "-qm", "2");
    git("commit", "-qam", "3", "--allow-empty");
    expect(git("ls-files").trim().split("\n")).to.deep.equal([".claude/commands/x.md", "file", "sub/.claude/settings.json"]);
    expect(arena.replaced).to.deep.equal([]);
    arena.placeholders?.end();
    expect(listing(arena.folder).filter((path) => !before.includes(path) && !path.startsWith(".git/"))).to.deep.equal([]);
  });

  it("are seen by no git where the agent's directory is a link into the project, and leave a .gitignore of the user's alone", async () => {
    mkdirSync(join(arena.folder, "shared"));
    writeFileSync(join(arena.folder, "shared/notes"), "x");
    symlinkSync("shared", join(arena.folder, ".claude"));
    git("add", "-A");
    git("commit", "-qm", "link");
    await arena.freeze(jailed);
    expect(listing(arena.folder)).to.include("shared/settings.json");
    expect(git("status", "--porcelain", "--untracked-files=all")).to.equal("");
    arena.placeholders?.end();
    writeFileSync(join(arena.folder, "shared/.gitignore"), "mine\n");
    await arena.freeze(jailed, {}, "second");
    expect(git("status", "--porcelain", "--untracked-files=all")).to.include("?? shared/settings.json");
    expect(readFileSync(join(arena.folder, "shared/.gitignore"), "utf8")).to.equal("mine\n");
  });

  it("stay until the last session in the project has ended", async () => {
    await arena.freeze(jailed);
    const second = Placeholders.begin(arena.state, { project: arena.folder, session: "second" });
    second.adopt([".envrc"]);
    arena.placeholders?.end();
    expect(existsSync(join(arena.folder, ".envrc"))).to.equal(true);
    expect(arena.notes()).to.have.lengthOf(2);
    second.end();
    expect(existsSync(join(arena.folder, ".envrc"))).to.equal(false);
    expect(existsSync(join(arena.folder, ".git/commondir"))).to.equal(false);
    expect(arena.notes()).to.deep.equal([]);
  });

  it("leave alone what somebody put in or over them", async () => {
    await arena.freeze(jailed);
    writeFileSync(join(arena.folder, ".vscode/settings.json"), "{}");
    rmdirSync(join(arena.folder, ".envrc"));
    writeFileSync(join(arena.folder, ".envrc"), "mine");
    writeFileSync(join(arena.folder, ".git/info/attributes"), "* text\n");
    arena.placeholders?.end();
    const left = listing(arena.folder).filter((path) => path.startsWith(".vscode") || path === ".envrc" || path === ".git/info/attributes");
    expect(left).to.deep.equal([".envrc", ".git/info/attributes", ".vscode", ".vscode/settings.json"]);
  });

  it("are taken away by another process when theirs was killed, through no link", async () => {
    const program = `import { Placeholders } from ${JSON.stringify(pathToFileURL(join(ROOT, "plugins/share-9p/frozen/placeholders.ts")).href)};
      const p = Placeholders.begin(${JSON.stringify(arena.state)}, { project: ${JSON.stringify(arena.folder)}, session: "killed" });
      p.add([["gone", "directory"], ["linked/inside", "directory"], ["file-too", { content: "x" }]]);
      console.log(p.file); setInterval(() => {}, 1000);`;
    mkdirSync(join(arena.folder, "gone"));
    mkdirSync(join(oracle.folder, "inside"));
    symlinkSync(oracle.folder, join(arena.folder, "linked"));
    writeFileSync(join(arena.folder, "file-too"), "x");
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    const [file] = (await once(child.stdout, "data")) as [Buffer];
    child.kill("SIGKILL");
    await once(child, "close");
    const main = filesBelow("plugins/share-9p/frozen").find((path) => path.endsWith("end-main.ts")) ?? "";
    const { status, stderr } = spawnSync(process.execPath, ["--disable-warning=ExperimentalWarning", join(ROOT, main), file.toString().trim()], { encoding: "utf8" });
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: "" });
    expect(existsSync(join(arena.folder, "gone"))).to.equal(false);
    expect(existsSync(join(arena.folder, "file-too"))).to.equal(false);
    expect(existsSync(join(oracle.folder, "inside")), "it followed a link out of the project").to.equal(true);
  });

  it("are made anew, and a frozen file is held anew, when the host replaces or removes them in mid-session", async () => {
    await arena.freeze(jailed);
    const config = () => oracle.run(arena.folder, ["cat", ".git/config"]);
    git("config", "alias.mine", "status"); // git renames a new file into the place
    await until(() => arena.replaced.includes(".git/config"));
    expect(config()).to.include("mine");
    expect(arena.pauses).to.be.greaterThan(0);
    rmdirSync(join(arena.folder, ".envrc"));
    await until(() => arena.replaced.includes(".envrc") && existsSync(join(arena.folder, ".envrc")));
    renameSync(join(arena.folder, ".git"), join(arena.folder, "old"));
    git("init", "-q");
    await until(() => arena.replaced.includes(".git"));
    rmSync(join(arena.folder, "old"), { recursive: true });
    expect(arena.lost).to.deep.equal([]);
    const lines = await attackAgain(arena, jailed);
    expect(lines).to.deep.equal([]);
  });
});

/** Whatever is not held in the jail's own view any more. */
async function attackAgain(arena: FrozenArena, jailed: Jailed): Promise<string[]> {
  const holds = await jailed.openHolds({ scope: arena.scope, signal: new AbortController().signal });
  const paths = [".git", ".git/config", ".git/hooks", ".git/commondir", ".envrc", ".vscode"];
  const held = holds.held("project", paths);
  return paths.filter((path) => !held.has(path));
}
