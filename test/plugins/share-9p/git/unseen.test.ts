import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import type { Placeholder } from "../../../../plugins/share-9p/frozen/placeholders.ts";
import { ignoredByGit, unseenByGit } from "../../../../plugins/share-9p/git/unseen.ts";
import type { GuestText } from "../../../../plugins/share-9p/git/guest-files.ts";
import { bytesOf } from "../../../../plugins/share-9p/tree/bytes.ts";

const ODD = "odd [x]* ü\\ ";
const EMPTY: readonly string[] = [".vscode", ".envrc", ODD, ".config/mise"];

describe("What stands in for frozen files, and the guest's git", () => {
  let folder: string;
  let project: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "cloche-git-")));
    project = join(folder, `a "b" [c]`);
    mkdirSync(join(project, "sub"), { recursive: true });
    git(project, "init", "-q");
    writeFileSync(join(project, "file"), "1\n");
    git(project, "add", "-A");
    git(project, "commit", "-qm", "1");
    for (const path of EMPTY) mkdirSync(join(project, path), { recursive: true });
    writeFileSync(join(project, ".settings"), "{}\n");
    mkdirSync(join(project, "node_modules"));
    writeFileSync(join(project, "node_modules/x"), "");
    mkdirSync(join(project, "app/target"), { recursive: true });
    writeFileSync(join(project, "app/target/x"), "");
    writeFileSync(join(project, "app/new"), "");
    writeFileSync(join(project, "untracked"), "");
    writeFileSync(join(project, "mine"), "");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const made = (): readonly (readonly [string, Placeholder])[] => [
    ...[...EMPTY, "node_modules", "app", "app/target"].map((path) => [bytesOf(path), "directory"] as const),
    [".settings", { content: "{}\n" }],
    [".git/hooks/x", "directory"], ["two\nlines", "directory"], ["not \xff utf8", "directory"],
  ];
  const env = () => ({
    PATH: "/usr/bin:/bin", HOME: folder, LC_ALL: "C", GIT_CONFIG_SYSTEM: join(folder, "guest/etc/gitconfig"),
    GIT_AUTHOR_NAME: "t", GIT_AUTHOR_EMAIL: "t@t", GIT_COMMITTER_NAME: "t", GIT_COMMITTER_EMAIL: "t@t",
  });
  function git(cwd: string, ...args: string[]): string {
    const { stdout, stderr } = spawnSync("git", args, { cwd, env: env(), encoding: "utf8" });
    return stdout + stderr;
  }
  /** As the script that keeps the share does it; the guest's root is a directory here. */
  function put({ how, path, text }: GuestText): void {
    const place = join(folder, "guest", path);
    const rooted = text.replaceAll(/= \/run/g, `= ${folder}/guest/run`);
    mkdirSync(dirname(place), { recursive: true });
    if (how === "copy") writeFileSync(place, existsSync(join(folder, "guest", text)) ? execFileSync("cat", [join(folder, "guest", text)]) : "");
    else writeFileSync(place, rooted, { flag: how === "append" ? "a" : "w" });
  }
  const hide = () => {
    for (const text of unseenByGit({ target: project, local: ["node_modules", "app/target"] }, made()) ?? []) put(text);
  };

  it("are not what it wants to remove, and all else is, the agent's own ignores being heeded", () => {
    mkdirSync(join(folder, "guest/home/agent/.config/git"), { recursive: true });
    writeFileSync(join(folder, "guest/home/agent/.config/git/ignore"), "mine");
    expect(git(project, "clean", "-fdn")).to.include(".vscode/").and.include(".envrc/").and.include(".settings").and.include("mine");
    hide();
    expect(git(project, "clean", "-fdn")).to.equal("Would remove app/new\nWould remove sub/\nWould remove untracked\n");
    writeFileSync(join(project, "file"), "2\n");
    expect(git(project, "stash", "-u")).to.match(/^Saved working directory/);
    expect([".vscode", ".envrc", ODD, ".config/mise", ".settings", "mine", "node_modules/x", "app/target/x", "untracked", "app/new"].map((path) => existsSync(join(project, path)))).to.deep.equal([true, true, true, true, true, true, true, true, false, false]);
    expect(git(project, "stash", "pop")).to.include("untracked");
    expect(existsSync(join(project, "untracked"))).to.equal(true);
  });

  it("are that also when they came later", () => {
    hide();
    mkdirSync(join(project, "deep/.zed"), { recursive: true });
    expect(git(project, "clean", "-fdn")).to.include("deep/");
    put(ignoredByGit([["deep/.zed", "directory"]], []));
    expect(git(project, "clean", "-fdn")).to.not.include("deep/");
  });

  it("hide nothing in another repository, nested ones included", () => {
    hide();
    for (const other of [join(project, "nested"), join(folder, "other")]) {
      mkdirSync(join(other, ".vscode"), { recursive: true });
      writeFileSync(join(other, ".vscode/x"), "");
      git(other, "init", "-q");
      expect(git(other, "status", "--porcelain")).to.equal("?? .vscode/\n");
    }
  });
});
