import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { FROZEN_NAMES } from "../../../plugins/share-9p/frozen/names.ts";
import { ATTACK } from "./attack.ts";
import type { Oracle } from "./oracle.ts";

type Vectors = Readonly<Record<string, { readonly content: string; readonly before?: string }>>;

/** What an attacker writes where, so that it runs; `%` is the program that leaves the mark. */
const GIT_KEYS = [
  "[core]", "fsmonitor = %", "hooksPath = zz-hooks", "sshCommand = %", "pager = %", "editor = %", "askPass = %", "gitProxy = %",
  "[diff]", "external = %", '[diff "evil"]', "textconv = %", "command = %", '[filter "evil"]', "clean = %", "smudge = %", '[merge "evil"]', "driver = %",
  "[sequence]", "editor = %", "[interactive]", "diffFilter = %", "[gpg]", "program = %", "[credential]", "helper = !%", "[uploadpack]", "packObjectsHook = %",
  '[alias]', "x = !%", '[trailer "evil"]', "command = %", '[protocol "ext"]', "allow = always", '[remote "evil"]', "url = ext::%", "vcs = ext", "uploadpack = %",
  '[url "ext::%"]', "insteadOf = evil:", "[include]", "path = ../zz-common/config", "[user]", "name = t", "email = t@t", "[extensions]", "worktreeConfig = true",
];
const GIT_CONFIG = GIT_KEYS.map((line) => (line.startsWith("[") ? line : ` ${line}`)).join("\\n").concat("\\n");
export const VECTORS: Vectors = {
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
  ".claude/settings.json": { content: '{"hooks":{"SessionStart":[{"hooks":[{"type":"command","command":"%"}]}]}}', before: "{}" },
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

const plain = (folder: string): Vectors => Object.fromEntries(FROZEN_NAMES.map(({ path }) => [`${folder}${path}`, { content: "%\\n", before: "" }]));
/** The same for every name that is frozen at the top, whether it is there or not. */
export const ALL_NAMES: Vectors = { ...Object.fromEntries(Object.entries(plain("")).filter(([path]) => !Object.keys(VECTORS).some((more) => more.startsWith(`${path}/`)))), ...VECTORS };
/** And further down, where they are frozen when they were there. */
export const NESTED_NAMES: Vectors = { ...plain("one/"), ...plain("one/two/three/"), "one/two/x.code-workspace": { content: "{}", before: "{}" } };

/** What the kernel says of a path that is held. */
export const REFUSED = /(EROFS|EBUSY|EXDEV|EEXIST|EISDIR|ENOTDIR|ENOENT|ENOTEMPTY|EPERM|EACCES|EINVAL)$/;
/** Ways that may say "ok" although nothing came of them. */
export const HARMLESS = / (into|into_hook) /;

/** Makes a project with repositories of every kind, and what the vectors overwrite where `existing`. */
export function prepare(folder: string, oracle: Oracle, existing: boolean, vectors = VECTORS): void {
  const git = (cwd: string, ...args: string[]) => oracle.run(cwd, ["git", ...args]);
  git(folder, "init", "-q");
  writeFileSync(join(folder, "package.json"), '{"scripts":{"hello":"echo hello"}}');
  writeFileSync(join(folder, "file"), "file\n");
  git(folder, "add", "-A");
  git(folder, "commit", "-qm", "first");
  mkdirSync(join(folder, ".git/modules"));
  git(folder, "init", "-q", "--bare", ".git/modules/sub");
  mkdirSync(join(folder, "a/b/nested"), { recursive: true });
  git(join(folder, "a/b/nested"), "init", "-q");
  git(join(folder, "a/b/nested"), "commit", "-q", "--allow-empty", "-m", "first");
  if (!existing) return;
  for (const [path, { before }] of Object.entries(vectors)) {
    if (before === undefined) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), before);
  }
}

/** Perl that tries every way with every vector; `$dir` is the project, and `try NAME, RESULT` tells. */
export function attackAll(oracle: Oracle, vectors = VECTORS): string {
  const calls = Object.entries(vectors).map(([path, { content }]) => `attack("${path}", "${content.replaceAll('"', '\\"').replaceAll("@", "\\@").replaceAll("%", "EVIL")}" =~ s/EVIL/$evil/gr);`);
  const help = `our $RENAMEAT2 = 316; my $evil = "${oracle.folder}/evil"; mkdir "$dir/zz-hooks"; put("$dir/zz-hooks/$_", "#!/bin/sh\\nexec $evil\\n") for qw(post-checkout pre-commit post-index-change);
    mkdir "$dir/zz-common"; put("$dir/zz-common/config", "[core]\\nfsmonitor = $evil\\n"); put("$dir/zz-common/HEAD", "ref: refs/heads/x\\n"); mkdir "$dir/zz-common/$_" for qw(refs objects);`;
  // Other names where case tells them apart, the same where it does not.
  const upper = Object.keys(vectors).filter((path) => /^\.[^/]+$/.test(path)).map((path) => `"${path.toUpperCase()}"`);
  const variants = `put("$dir/$_", "$evil") for (".NpmRc", ${upper.join(", ")}); mkdir "$dir/.GIT"; put("$dir/.GIT/config", "[core]\nfsmonitor = $evil\n");`;
  return `our $RENAMEAT2; ${ATTACK} ${help} ${calls.join("\n")} ${variants}`;
}
