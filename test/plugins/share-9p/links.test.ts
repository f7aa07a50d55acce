import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { expect } from "chai";
import { findPlaces } from "../../../plugins/share-9p/frozen/find.ts";
import { planHolds } from "../../../plugins/share-9p/frozen/plan.ts";
import { Placeholders } from "../../../plugins/share-9p/frozen/placeholders.ts";
import { isWorthAsking } from "../../../plugins/share-9p/git/quick-git.ts";
import { survey } from "../../../plugins/share-9p/git/survey.ts";
import { mayCacheUntracked } from "../../../plugins/share-9p/git/untracked-cache.ts";
import { lookBack } from "../../../plugins/share-9p/report/look-back.ts";
import { readScripts } from "../../../plugins/share-9p/report/scripts.ts";
import { suggestion } from "../../../plugins/share-9p/suggest.ts";

const never = new AbortController().signal;

/** What the host's part of a session reads of the project, or makes or removes in it. */
const FILES: readonly string[] = [
  ".git/config", ".git/index", ".git/HEAD", ".git/rebase-merge/git-rebase-todo", "inner/.git", "bare/HEAD", "package.json", "inner/package.json",
  ".gitignore", ".claude/.gitignore", ".claude/settings.json", "CLAUDE.md", ".clocherc.json", "one/.git/config",
];
const FOLDERS: readonly string[] = [".git/hooks", ".git/modules", ".git/worktrees", ".git/info", ".vscode", ".husky", ".cargo", "two/.git", "bare/objects", "bare/refs", "node_modules"];

describe("Links that a guest planted where our own program reads and writes", () => {
  let root: string;
  let outside: string;
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "cloche-links-")));
    outside = realpathSync(mkdtempSync(join(tmpdir(), "cloche-outside-")));
    writeFileSync(join(outside, "file"), `{"scripts":{"canary":"canary"}}\n[core]\n\tfsmonitor = canary\nexec canary\ngitdir: canary\nUNTR`);
    for (const name of ["canary", "inner/HEAD", "inner/config"]) {
      mkdirSync(dirname(join(outside, "folder", name)), { recursive: true });
      if (name === "canary") mkdirSync(join(outside, "folder", name));
      else writeFileSync(join(outside, "folder", name), "canary");
    }
  });
  afterEach(() => {
    for (const folder of [root, outside]) rmSync(folder, { recursive: true });
  });

  const plant = (path: string, target: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(join(outside, target), join(root, path));
  };
  const listing = () => execFileSync("sh", ["-c", "find . -printf '%p %y %m %s %T@ %C@\\n' | sort"], { cwd: outside, encoding: "utf8" });

  it("lead it nowhere: nothing out of the project is read into what it says or holds, made, changed or removed", async () => {
    const before = listing();
    const places = await findPlaces(root, never);
    const scripts = readScripts(root, places.packages);
    for (const path of FILES) plant(path, "file");
    for (const path of FOLDERS) plant(path, "folder");
    // a repository may also say in a file that it lies elsewhere
    for (const [folder, target] of [["three", join(outside, "folder/inner")], ["four", join("..", "..", basename(outside), "folder/inner")]] as const) {
      mkdirSync(join(root, folder));
      writeFileSync(join(root, folder, ".git"), `gitdir: ${target}\n`);
    }
    const found = await findPlaces(root, never);
    const wishes = planHolds(root, found, { freeze: true, except: [], also: ["CLAUDE.md"], local: ["node_modules"] });
    expect(wishes.map(({ path }) => path)).to.include.members([".git/config", ".git/hooks", ".vscode", ".claude/settings.json", "two/.git", "three/.git", "four/.git"]);
    expect(wishes.filter(({ path }) => path.startsWith("/") || path.includes(".."))).to.deep.equal([]);
    const report = await lookBack(root, { began: 0, places, scripts }, []);
    expect(report.findings.map(({ kind, path }) => `${kind} ${path}`)).to.include.members(["link .vscode", "repository inner/.git", "link package.json", "link .husky"]);
    const seen: string[] = [];
    await survey(root, ({ path }) => void seen.push(path), never);
    const said = JSON.stringify([found, wishes, { ...report, findings: report.findings.map((finding) => ({ ...finding, detail: finding.detail.replaceAll(outside, "") })) }, seen, suggestion(join(root, "state"), root, [])]);
    expect(said).to.not.include("canary");
    expect([isWorthAsking(root), mayCacheUntracked(root, ""), mayCacheUntracked(root, "inner")]).to.deep.equal([true, true, true]);

    const state = join(root, "state");
    const placeholders = Placeholders.begin(state, { project: root, session: "links" });
    placeholders.add([...FOLDERS.map((path) => [`${path}/canary`, "directory"] as const), ...FILES.map((path) => [path, { content: "canary" }] as const)]);
    placeholders.end();
    expect(listing()).to.equal(before);
  });

  it("would lead somewhere if they were followed: the control", () => {
    plant("package.json", "file");
    plant(".husky", "folder");
    expect(execFileSync("cat", ["package.json"], { cwd: root, encoding: "utf8" })).to.include("canary");
    execFileSync("rmdir", [".husky/canary"], { cwd: root, stdio: "ignore" });
    expect(listing()).to.not.include("folder/canary");
  });
});
