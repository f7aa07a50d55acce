import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { ATTACK } from "./attack.ts";
import { FrozenArena } from "./frozen-arena.ts";
import { Oracle } from "./oracle.ts";

/** What an attacker writes where, so that it runs; `%` is the program that leaves the mark. */
const GIT_CONFIG = "[core]\\n fsmonitor = %\\n hooksPath = zz-hooks\\n sshCommand = %\\n pager = %\\n[diff]\\n external = %\\n[user]\\n name = t\\n email = t@t\\n[extensions]\\n worktreeConfig = true\\n";
const VECTORS: Readonly<Record<string, { readonly content: string; readonly before?: string }>> = {
  ".git/config": { content: GIT_CONFIG },
  ".git/config.worktree": { content: GIT_CONFIG },
  ".git/hooks/post-checkout": { content: "#!/bin/sh\\nexec %\\n", before: "" },
  ".git/info/attributes": { content: "* filter=evil diff=evil\\n" },
  ".git/commondir": { content: "../zz-common\\n" },
  ".git/modules/sub/config": { content: GIT_CONFIG },
  "a/b/nested/.git/config": { content: GIT_CONFIG },
  ".envrc": { content: "%\\n", before: "" },
  ".vscode/tasks.json": { content: '{"tasks":[{"command":"%","runOptions":{"runOn":"folderOpen"}}]}', before: '{"tasks":[]}' },
  ".npmrc": { content: "script-shell=%\\n", before: "" },
  ".claude/settings.json": { content: '{"hooks":{}}', before: "{}" },
  ".claude/commands/x.md": { content: "!%", before: "" },
  ".mcp.json": { content: '{"mcpServers":{"x":{"command":"%"}}}', before: "{}" },
  ".husky/pre-commit": { content: "exec %\\n", before: "" },
  ".idea/workspace.xml": { content: "<x>%</x>", before: "<x/>" },
  ".devcontainer/devcontainer.json": { content: '{"initializeCommand":"%"}', before: "{}" },
  ".yarnrc.yml": { content: "yarnPath: %\\n", before: "" },
  ".pnpmfile.cjs": { content: "require('child_process').execSync('%')", before: "" },
  ".cargo/config.toml": { content: "[build]\\nrustc-wrapper = '%'\\n", before: "" },
  "mise.toml": { content: "[hooks]\\nenter = '%'\\n", before: "" },
  ".nvim.lua": { content: "os.execute('%')", before: "" },
  ".clocherc.json": { content: "{}", before: '{"share":{}}' },
};

// The words for what the kernel says of a path that is held.
const REFUSED = /(EROFS|EBUSY|EXDEV|EEXIST|EISDIR|ENOTDIR|ENOENT|ENOTEMPTY|EPERM|EACCES|EINVAL)$/;
// Ways that may say "ok" although nothing came of them: they work on a directory that stands in, or on what the attacker made.
const HARMLESS = / (into|into_hook) /;

function prepare(arena: FrozenArena, oracle: Oracle, existing: boolean): void {
  const git = (cwd: string, ...args: string[]) => oracle.run(cwd, ["git", ...args]);
  git(arena.folder, "init", "-q");
  writeFileSync(join(arena.folder, "package.json"), '{"scripts":{"hello":"echo hello"}}');
  writeFileSync(join(arena.folder, "file"), "file\n");
  git(arena.folder, "add", "-A");
  git(arena.folder, "commit", "-qm", "first");
  mkdirSync(join(arena.folder, ".git/modules"));
  git(arena.folder, "init", "-q", "--bare", ".git/modules/sub");
  mkdirSync(join(arena.folder, "a/b/nested"), { recursive: true });
  git(join(arena.folder, "a/b/nested"), "init", "-q");
  if (!existing) return;
  for (const [path, { before }] of Object.entries(VECTORS)) {
    if (before === undefined) continue;
    mkdirSync(dirname(join(arena.folder, path)), { recursive: true });
    writeFileSync(join(arena.folder, path), before);
  }
}

function attackAll(oracle: Oracle): string {
  const calls = Object.entries(VECTORS).map(([path, { content }]) => `attack("${path}", "${content.replaceAll('"', '\\"').replaceAll("@", "\\@").replaceAll("%", "EVIL")}" =~ s/EVIL/$evil/gr);`);
  const help = `our $RENAMEAT2 = 316; my $evil = "${oracle.folder}/evil"; mkdir "$dir/zz-hooks"; put("$dir/zz-hooks/$_", "#!/bin/sh\\nexec $evil\\n") for qw(post-checkout pre-commit post-index-change);
    mkdir "$dir/zz-common"; put("$dir/zz-common/config", "[core]\\nfsmonitor = $evil\\n"); put("$dir/zz-common/HEAD", "ref: refs/heads/x\\n"); mkdir "$dir/zz-common/$_" for qw(refs objects);`;
  // Other names where case tells them apart, the same where it does not.
  const variants = `put("$dir/$_", "$evil") for (".ENVRC", ".NpmRc", ".MCP.json"); mkdir "$dir/.GIT"; put("$dir/.GIT/config", "[core]\nfsmonitor = $evil\n");`;
  return `our $RENAMEAT2; ${ATTACK} ${help} ${calls.join("\n")} ${variants}`;
}

describe("Frozen files, with an attacker in QEMU's place", () => {
  let arena: FrozenArena;
  let oracle: Oracle;
  beforeEach(() => {
    arena = new FrozenArena();
    oracle = new Oracle();
    writeFileSync(join(oracle.folder, "evil"), oracle.payload, { mode: 0o755 });
  });
  afterEach(async () => {
    oracle[Symbol.dispose]();
    await arena[Symbol.asyncDispose]();
  });

  for (const existing of [true, false]) {
    it(`let no vector through, whatever is tried, when the files were ${existing ? "there" : "not there"} before`, async () => {
      prepare(arena, oracle, existing);
      const lines = await arena.insideAfter(attackAll(oracle), (jailed) => arena.freeze(jailed));
      const through = lines.filter((line) => !REFUSED.test(line) && !HARMLESS.test(line));
      expect(lines).to.have.length.above(300);
      expect(through.join("\n")).to.equal("");
      arena.placeholders?.end();
      expect(oracle.judge(arena.folder), "something of the project ran on the host").to.equal("");
      expect(arena.replaced).to.deep.equal([]);
    });
  }

  it("are what holds the attacker: unfrozen, the same attack runs on the host", async () => {
    prepare(arena, oracle, true);
    await arena.inside(attackAll(oracle));
    expect(oracle.judge(arena.folder)).to.include("evil");
  });
});
