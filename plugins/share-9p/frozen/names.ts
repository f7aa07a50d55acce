/** A path, relative to a directory of the project, at which a program of the host runs what it finds, without being asked. */
export interface FrozenName {
  readonly path: string;
  /** Who runs it. */
  readonly reader: string;
  /** A path in the same directory that makes an empty directory in this one's place an error for its reader, so that none is put there. */
  readonly notBeside?: string;
  /** What stands in instead of an empty directory, for a reader that takes that as an error. Git would see it, so a `.gitignore` stands beside it. */
  readonly content?: string;
}

/**
 * What is frozen at the project's top, whether it is there or not, and further down where it is there. Only what runs without being
 * asked: what a user has to start (Makefile, package scripts, workflows) is reported at the end instead. Where there is nothing, an
 * empty directory stands in: git does not see it, and each reader named here was seen to treat it as nothing, but for yarn and,
 * where there is more in its directory, Claude Code.
 */
export const FROZEN_NAMES: readonly FrozenName[] = [
  { path: ".vscode", reader: "VS Code: tasks, settings, debuggers" },
  { path: ".idea", reader: "JetBrains' editors" },
  { path: ".zed", reader: "Zed: tasks and settings" },
  { path: ".fleet", reader: "Fleet" },
  { path: ".devcontainer", reader: "dev containers" },
  { path: ".devcontainer.json", reader: "dev containers" },
  { path: ".nvim.lua", reader: "Neovim with exrc" },
  { path: ".nvimrc", reader: "Neovim with exrc" },
  { path: ".exrc", reader: "Vim with exrc" },
  { path: ".dir-locals.el", reader: "Emacs" },
  { path: ".claude/settings.json", reader: "Claude Code: hooks, status line, helpers", content: "{}\n" },
  { path: ".claude/settings.local.json", reader: "Claude Code: hooks, status line, helpers", content: "{}\n" },
  { path: ".claude/hooks", reader: "Claude Code" },
  { path: ".claude/commands", reader: "Claude Code" },
  { path: ".claude/agents", reader: "Claude Code" },
  { path: ".claude/skills", reader: "Claude Code" },
  { path: ".claude/plugins", reader: "Claude Code" },
  { path: ".mcp.json", reader: "Claude Code: servers that it starts" },
  { path: ".cursor", reader: "Cursor: servers, hooks, rules" },
  { path: ".codex", reader: "Codex" },
  { path: ".gemini", reader: "Gemini CLI" },
  { path: ".envrc", reader: "direnv" },
  { path: ".tool-versions", reader: "asdf and mise" },
  { path: "mise.toml", reader: "mise" },
  { path: ".mise.toml", reader: "mise" },
  { path: ".config/mise", reader: "mise" },
  { path: ".config/mise.toml", reader: "mise" },
  { path: ".husky", reader: "git through husky" },
  { path: ".pre-commit-config.yaml", reader: "git through pre-commit" },
  { path: "lefthook.yml", reader: "git through lefthook" },
  { path: ".npmrc", reader: "npm and pnpm: shell, registry, node options" },
  { path: ".pnpmfile.cjs", reader: "pnpm" },
  { path: ".yarnrc", reader: "Yarn 1: yarn-path" },
  { path: ".yarnrc.yml", reader: "Yarn: yarnPath, plugins", notBeside: "yarn.lock" },
  { path: ".cargo/config", reader: "Cargo: runner, linker, wrapper" },
  { path: ".cargo/config.toml", reader: "Cargo: runner, linker, wrapper" },
  { path: ".clocherc", reader: "cloche" },
  { path: ".clocherc.json", reader: "cloche" },
  { path: ".clocherc.yaml", reader: "cloche" },
  { path: ".clocherc.yml", reader: "cloche" },
  { path: ".config/clocherc", reader: "cloche" },
  { path: ".config/clocherc.json", reader: "cloche" },
  { path: ".config/clocherc.yaml", reader: "cloche" },
  { path: ".config/clocherc.yml", reader: "cloche" },
];

/** Endings of names that are frozen where they are there. */
export const FROZEN_ENDINGS: readonly string[] = [".code-workspace"];

/** What git runs commands from, in the directory of a repository; `stands` is harmless content where there is nothing. */
export const FROZEN_IN_REPOSITORY: readonly { readonly path: string; readonly stands: "directory" | { readonly content: string } }[] = [
  { path: "config", stands: { content: "" } },
  { path: "config.worktree", stands: { content: "" } },
  { path: "hooks", stands: "directory" },
  { path: "info/attributes", stands: { content: "" } },
  // Where git looks for the configuration instead. "." is this very directory; nothing, or nothing in it, would be an error.
  { path: "commondir", stands: { content: ".\n" } },
];

/** The same for the directory that a repository keeps of each further worktree. */
export const FROZEN_IN_WORKTREE: readonly { readonly path: string; readonly stands?: { readonly content: string } }[] = [
  { path: "commondir" },
  { path: "gitdir" },
  { path: "config.worktree", stands: { content: "" } },
];

/** Directories that are full of other people's dot files, which nobody's editor opens; what changes in them is reported at the end. */
export const NOT_SEARCHED: readonly string[] = ["node_modules", ".venv", "venv", "target", "vendor", "__pycache__", ".cache", ".tox"];
