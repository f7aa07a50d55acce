import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const GIT: readonly (readonly string[])[] = [
  ["status"], ["diff"], ["log", "-p"], ["add", "-A"], ["stash"], ["stash", "pop"], ["fetch", "--all"], ["checkout", "-q", "-f", "HEAD"],
  ["commit", "-q", "--allow-empty", "-m", "x"], ["submodule", "status"],
];

/** What is started from a file by those whose file it is; the programs themselves are not here. */
export const STARTED: readonly string[] = [".vscode/tasks.json", ".devcontainer/devcontainer.json", ".claude/settings.json", ".mcp.json"];

/** Uses a directory as a user of the host would, with the real programs, in a home of its own; whatever runs from it leaves a mark. */
export class Oracle implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), "cloche-oracle-"));
  /** What an attacker puts in place: a program that leaves the mark. */
  readonly mark = join(this.folder, "MARK");
  readonly payload = `#!/bin/sh\necho "$0 by $ORACLE_RUNS" >>${this.mark}\n`;
  readonly #env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: this.folder, LC_ALL: "C", GIT_CONFIG_NOSYSTEM: "1", GIT_TERMINAL_PROMPT: "0" };

  constructor() {
    mkdirSync(join(this.folder, ".config/direnv"), { recursive: true });
    writeFileSync(join(this.folder, ".config/direnv/direnv.toml"), `[whitelist]\nprefix = ["/"]\n`);
    writeFileSync(join(this.folder, ".gitconfig"), "[user]\nname = t\nemail = t@t\n[safe]\ndirectory = *\n[protocol \"file\"]\nallow = always\n");
  }

  /** A program of the host, standing in the directory. */
  run(cwd: string, argv: readonly string[], as = argv[0] ?? ""): string {
    const [program = "", ...args] = argv;
    const { stdout, stderr } = spawnSync(program, args, { cwd, env: { ...this.#env, ORACLE_RUNS: as }, encoding: "utf8", input: "", timeout: 20_000 });
    return stdout + stderr;
  }

  /** What has run from the project after it was used with git, direnv, an editor and npm; "" when nothing has. */
  judge(project: string): string {
    for (const args of GIT) this.run(project, ["git", ...args]);
    this.run(project, ["direnv", "export", "bash"]);
    for (const file of STARTED) this.#start(project, file);
    this.run(project, ["sh", ".husky/pre-commit"], "husky");
    if (existsSync(join(project, "package.json"))) this.run(project, ["npm", "run", "hello"]);
    return this.marks();
  }

  /** What has left a mark so far. */
  marks(): string {
    return existsSync(this.mark) ? readFileSync(this.mark, "utf8") : "";
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** What editors and agents do with a folder that their user trusts, as soon as it is opened: start what a file of theirs says. */
  #start(project: string, file: string): void {
    const path = join(project, file);
    if (!existsSync(path) || !statSync(path).isFile()) return;
    const text = readFileSync(path, "utf8");
    if (file === ".vscode/tasks.json" && !/"runOn"\s*:\s*"folderOpen"/.test(text)) return;
    for (const [, command = ""] of text.matchAll(/"(?:command|initializeCommand)"\s*:\s*"([^"]+)"/g)) this.run(project, ["sh", "-c", command], file);
  }
}
