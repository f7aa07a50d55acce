import { FROZEN_ENDINGS, FROZEN_NAMES } from "../frozen/names.ts";
import { nameOf, type Bytes } from "../tree/bytes.ts";

/** Names of files that run when the user builds, tests or deploys, or when a server does so for them. */
const RUNS = new Set([
  "Makefile", "makefile", "GNUmakefile", "justfile", "Justfile", "Taskfile.yml", "Rakefile", "Gemfile", "Dockerfile", "Containerfile",
  "docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml", "Vagrantfile", "Jenkinsfile", "Procfile", "Earthfile",
  "conftest.py", "setup.py", "noxfile.py", "tasks.py", "fabfile.py", "manage.py", "build.rs", "build.zig", "CMakeLists.txt", "meson.build",
  "build.gradle", "build.gradle.kts", "settings.gradle", "gradle-wrapper.jar", "gradle-wrapper.properties", "pom.xml", ".bazelrc", "BUILD.bazel",
  ".gitlab-ci.yml", "azure-pipelines.yml", "bitbucket-pipelines.yml", ".travis.yml", "appveyor.yml", ".drone.yml", ".ripgreprc",
  ".gitmodules", ".gitattributes", ".lintstagedrc", "lint-staged.config.js", ".editorconfig", "flake.nix", "shell.nix", "default.nix",
]);
const RUN_PLACES = /(^|\/)(\.github\/(workflows|actions)|\.circleci|\.gitea\/workflows|\.buildkite|node_modules\/\.bin|\.venv\/bin|\.direnv)\//;
const INSTRUCTIONS = new Set(["CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", "GEMINI.md", ".cursorrules", ".windsurfrules", "copilot-instructions.md"]);
const FROZEN = FROZEN_NAMES.map(({ path }) => path);

/** Whether a path is one of those that are frozen at the project's top, whatever directory it lies in. */
export function isFrozenName(path: Bytes): boolean {
  const anywhere = `/${path}/`;
  return FROZEN.some((name) => anywhere.includes(`/${name}/`)) || FROZEN_ENDINGS.some((ending) => path.endsWith(ending));
}

/** Whether a file runs when something is built, tested or deployed. */
export function isRun(path: Bytes): boolean {
  return RUNS.has(nameOf(path)) || RUN_PLACES.test(path);
}

/** Whether agents read a file as what they are told to do. */
export function isInstruction(path: Bytes): boolean {
  return INSTRUCTIONS.has(nameOf(path));
}

// The settings by which git runs a program, see git-config(1); the section's own name may be anything.
const PROGRAMS =
  /^\s*(?:(fsmonitor|hookspath|sshcommand|pager|editor|askpass|gitproxy|external|textconv|clean|smudge|process|driver|program|helper|command|packobjectshook|uploadpack|receivepack|vcs|difffilter|path|insteadof|worktreeconfig)\s*=|([\w-]+)\s*=\s*"?!)/gim;

/** The settings in a git configuration that run a program or read more settings, in the order found, each once. */
export function programSettings(config: string): readonly string[] {
  return [...new Set([...config.matchAll(PROGRAMS)].map(([, setting, alias]) => setting?.toLowerCase() ?? `${alias}`))];
}
