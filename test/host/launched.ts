import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../core/sessions/support.ts";
import { entriesOf, linkOr, readOr } from "../support/proc.ts";
import { quoted } from "../support/quoted.ts";
import { ROOT } from "../support/sources.ts";

/** What Node was started with, byte for byte, and what the pipes are that it was told of. */
export interface Report {
  readonly pid: number;
  readonly words: readonly string[];
  readonly variables: readonly string[];
  readonly ahead?: string;
  /** Such as `pipe:[4711]`. */
  readonly pipes: readonly string[];
}

const REPORT = `
  import { readFileSync, readlinkSync, renameSync, writeFileSync } from "node:fs";
  const read = (name) => readFileSync("/proc/self/" + name, "latin1").split("\\0").slice(0, -1);
  const ahead = process.env.CLOCHE_NETWORK_AHEAD;
  const pipes = (ahead ?? "").split(" ").filter(Boolean).map((fd) => readlinkSync("/proc/self/fd/" + fd));
  const report = { pid: process.pid, words: read("cmdline").slice(2), variables: read("environ").sort(), ahead, pipes };`;

/** The launcher of an installed package, whose program is a few lines of the test. */
export class Launched implements Disposable {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), "cn-")));
  readonly launcher = join(this.folder, "bin/cloche");
  readonly env = { PATH: `${join(this.folder, "path")}:/usr/bin:/bin` };
  readonly #report = join(this.folder, "report");
  readonly #children: ChildProcess[] = [];

  constructor() {
    cpSync(join(ROOT, "bin"), join(this.folder, "bin"), { recursive: true });
    for (const name of ["host", "node_modules"]) symlinkSync(join(ROOT, name), join(this.folder, name));
    for (const name of ["path", "dist/core"]) mkdirSync(join(this.folder, name), { recursive: true });
    writeFileSync(join(this.folder, "package.json"), '{"type":"module"}');
    this.writeNode(`exec ${quoted(process.execPath)} "$@"`);
    this.writeMain("");
  }

  /** The program reports, and then does this. */
  writeMain(text: string): void {
    const fresh = JSON.stringify(`${this.#report}.new`);
    const lines = `${REPORT}\nwriteFileSync(${fresh}, JSON.stringify(report));\nrenameSync(${fresh}, ${JSON.stringify(this.#report)});\n`;
    writeFileSync(join(this.folder, "dist/core/cli.js"), lines + text);
  }

  /** The Node in the PATH becomes this shell script. */
  writeNode(text: string): void {
    const node = join(this.folder, "path/node");
    writeFileSync(node, `#!/bin/sh\n${text}\n`);
    chmodSync(node, 0o755);
  }

  /** The launcher becomes another. */
  change(from: string, to: string): void {
    const text = readFileSync(this.launcher, "utf8");
    if (!text.includes(from)) throw new Error(`the launcher does not say ${from}`);
    writeFileSync(this.launcher, text.replaceAll(from, to));
  }

  /** Starts it by way of a shell line, in which `"$@"` is the launcher with these words. */
  start(words: readonly string[], { line = 'exec "$@"', env = {} }: { readonly line?: string; readonly env?: Readonly<Record<string, string>> } = {}) {
    rmSync(this.#report, { force: true });
    const child = spawn("/bin/sh", ["-c", line, "sh", this.launcher, ...words], { env: { ...this.env, ...env }, stdio: "pipe", cwd: this.folder });
    this.#children.push(child);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (said += String(piece)));
    child.stdin.on("error", () => {});
    return { child, ended: once(child, "close").then(([status, signal]) => ({ status: (status ?? signal) as unknown, said })) };
  }

  /** Waits until Node has said what it was given. */
  async report(): Promise<Report> {
    await eventually("Node reports", () => existsSync(this.#report), 10_000);
    return JSON.parse(readFileSync(this.#report, "utf8")) as Report;
  }

  /** Starts it and answers what Node was given when all has ended well. */
  async reportOf(...args: Parameters<Launched["start"]>): Promise<Report> {
    const { status, said } = await this.start(...args).ended;
    if (status !== 0 || said !== "") throw new Error(`it ended with ${String(status)}: ${said}`);
    return await this.report();
  }

  /** Also ends what a test that failed has left running. */
  [Symbol.dispose](): void {
    for (const child of this.#children) child.kill("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The processes but for this one that have one of the pipes open. */
export function holdersOf(pipes: readonly string[], except: number): readonly string[] {
  return entriesOf("/proc").filter((pid) => /^\d+$/.test(pid) && Number(pid) !== except && Object.values(openIn(pid)).some((link) => pipes.includes(link)));
}

/** What a process has open, by its number there. */
export function openIn(pid: string): Readonly<Record<string, string>> {
  return Object.fromEntries(entriesOf(`/proc/${pid}/fd`).map((fd) => [fd, linkOr(`/proc/${pid}/fd/${fd}`)]));
}

/** The parent, the process group and the session of a process. */
export function kinOf(pid: string | number): readonly [parent: number, group: number, session: number] {
  const [, parent = 0, group = 0, session = 0] = readOr(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ").map(Number);
  return [parent, group, session];
}
