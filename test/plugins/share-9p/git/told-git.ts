import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answerGit } from "../../../../plugins/share-9p/git/answering.ts";
import { History } from "../../../../plugins/share-9p/git/history.ts";
import { bytesOf } from "../../../../plugins/share-9p/tree/bytes.ts";

export const WORD = "a-word";

/** A repository with two users of git: the guest's, which is told what changed, and the host's, which looks at everything itself. */
export class ToldGit implements AsyncDisposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "cloche-git-")));
  readonly project = join(this.folder, "project");
  readonly ended = new AbortController();
  readonly history: History;
  readonly port: number;
  /** What the guest's git was answered. */
  readonly answers: { readonly directory: string; readonly paths: readonly string[] | "anything" }[] = [];
  #trace: string | undefined;
  readonly #door: Server;
  readonly #settings = join(this.folder, "guest.gitconfig");

  private constructor(door: Server, local: readonly string[]) {
    mkdirSync(this.project);
    this.history = new History(bytesOf(this.project), { local: local.map(bytesOf), signal: this.ended.signal });
    const since = async (token: string, directory: string) => {
      const changes = await this.history.since(token, directory);
      this.answers.push({ directory, paths: changes.paths });
      return changes;
    };
    answerGit(door, { word: WORD, target: bytesOf(this.project), history: { since }, signal: this.ended.signal });
    this.#door = door;
    this.port = (door.address() as AddressInfo).port;
    const hook = join(this.folder, "hook");
    const ask = `use IO::Socket::INET; use Cwd; my $s = IO::Socket::INET->new("127.0.0.1:${this.port}") or exit 1; print $s "${WORD}\\n$ARGV[1]\\n" . getcwd() . "\\n"; shutdown($s, 1); print while <$s>`;
    writeFileSync(hook, `#!/bin/sh\nexec perl -e '${ask}' "$@"\n`, { mode: 0o755 });
    writeFileSync(this.#settings, `[core]\n\tcheckStat = minimal\n\tfsmonitor = ${hook}\n\tfsmonitorHookVersion = 2\n`);
    this.host("init", "-q", "-b", "main");
  }

  static async open(local: readonly string[] = []): Promise<ToldGit> {
    const door = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
    return new ToldGit(door, local);
  }

  at(...names: readonly string[]): string {
    return join(this.project, ...names);
  }

  /** git as on the host: nothing in its configuration. */
  host(...args: readonly string[]): string {
    return this.hostIn(this.project, ...args);
  }

  hostIn(cwd: string, ...args: readonly string[]): string {
    const { stdout, stderr } = spawnSync("git", args, { cwd, env: this.#env(), encoding: "utf8" });
    return stdout + stderr;
  }

  /** What is true: no cache is used, and nothing is noted. */
  truth(cwd = this.project, ...more: readonly string[]): string {
    return this.hostIn(cwd, "--no-optional-locks", "-c", "core.untrackedCache=false", "status", "--porcelain", ...more);
  }

  /** git as in the guest. */
  async guest(...args: readonly string[]): Promise<string> {
    return await this.guestIn(this.project, ...args);
  }

  async guestIn(cwd: string, ...args: readonly string[]): Promise<string> {
    const child = spawn("git", args, { cwd, env: { ...this.#env(), GIT_CONFIG_NOSYSTEM: undefined, GIT_CONFIG_SYSTEM: this.#settings }, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    await new Promise((resolve) => child.once("close", resolve));
    return said;
  }

  /** How many files `git status` looks at. */
  async lookedAt(who: "guest" | "host"): Promise<number> {
    this.#trace = join(this.folder, "trace");
    await this[who]("--no-optional-locks", "status");
    const trace = readFileSync(this.#trace, "utf8");
    rmSync(this.#trace);
    this.#trace = undefined;
    return [...trace.matchAll(/sum_lstat\D+(\d+)/g)].reduce((sum, [, number]) => sum + Number(number), 0);
  }

  /** Nobody answers any more. */
  async close(): Promise<void> {
    this.ended.abort();
    await new Promise((resolve) => this.#door.close(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #env(): NodeJS.ProcessEnv {
    return {
      ...(this.#trace !== undefined && { GIT_TRACE2_PERF: this.#trace }),
      PATH: "/usr/bin:/bin", HOME: this.folder, LC_ALL: "C", GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_NAME: "t", GIT_AUTHOR_EMAIL: "t@t", GIT_COMMITTER_NAME: "t", GIT_COMMITTER_EMAIL: "t@t",
    };
  }
}
