import { spawn, type ChildProcess, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlPath } from "../../core/sessions/control-path.ts";
import { serveControl, type ControlOptions } from "../../core/sessions/control-server.ts";
import type { Frame } from "../../core/sessions/frames.ts";
import { identify } from "../../core/sessions/process-identity.ts";
import { Questions } from "../../core/sessions/questions.ts";
import { writeRecord, type SessionRecord } from "../../core/sessions/record.ts";
import { runDirectory } from "../../core/sessions/sessions-directory.ts";
import { Wire } from "../../core/sessions/wire.ts";
import { Disposers } from "../../core/support/disposers.ts";
import { localGuest } from "../core/sessions/local-guest.ts";
import { quoted } from "../support/quoted.ts";
import { ROOT } from "../support/sources.ts";

/** How a client ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A client that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** What a client is started with besides its words. */
export interface Starting {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdio?: SpawnOptions["stdio"];
  readonly input?: string | Buffer;
}

/** The program as it is when installed as a package; the Node that its launcher finds leaves a trace. */
export class Installed implements Disposable {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), "ci-")));
  readonly launcher = join(this.#folder, "bin/cloche");
  readonly #trace = join(this.#folder, "trace");
  readonly path = `${join(this.#folder, "path")}:/usr/bin:/bin`;

  constructor() {
    cpSync(join(ROOT, "bin"), join(this.#folder, "bin"), { recursive: true });
    for (const name of ["dist", "host", "guest", "node_modules", "package.json"]) symlinkSync(join(ROOT, name), join(this.#folder, name));
    mkdirSync(join(this.#folder, "path"));
    const node = join(this.#folder, "path/node");
    writeFileSync(node, `#!/bin/sh\n{ printf '%s\\n' "$@"; env; } >>${quoted(this.#trace)}\nexec ${quoted(process.execPath)} "$@"\n`);
    chmodSync(node, 0o755);
  }

  /** The launcher becomes another. */
  change(from: string, to: string): void {
    const text = readFileSync(this.launcher, "utf8");
    if (!text.includes(from)) throw new Error(`the launcher does not say ${from}`);
    writeFileSync(this.launcher, text.replaceAll(from, to));
  }

  /** Node's arguments and environment, if it was started since this was last asked. */
  takeTrace(): string | undefined {
    if (!existsSync(this.#trace)) return undefined;
    const text = readFileSync(this.#trace, "utf8");
    rmSync(this.#trace);
    return text;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What makes a session unlike others. */
export interface Making extends Partial<Pick<ControlOptions, "guest" | "graceMs">> {
  readonly project?: string;
  readonly record?: Partial<SessionRecord>;
  /** Where its socket is; nothing listens where clients look. */
  readonly listensAt?: string;
}

/** A session called fern, as commands find it: its directory, its record, and its control socket over a guest of local processes. */
export class FoundSession implements AsyncDisposable {
  // short, since a socket lies below it
  readonly folder = realpathSync(mkdtempSync("/tmp/cf-"));
  readonly directory = runDirectory(join(this.folder, "cloche"), "fern");
  readonly socket = controlPath(this.directory);
  readonly scope = new Disposers();
  readonly local = localGuest();
  readonly #children: ChildProcess[] = [];

  constructor() {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
  }

  static async make({ project = "/", record = {}, listensAt, ...options }: Making = {}): Promise<FoundSession> {
    const session = new FoundSession();
    await session.write({ project, ...record });
    const runDir = listensAt === undefined ? session.directory : join(session.folder, listensAt);
    mkdirSync(runDir, { recursive: true });
    await serveControl({ name: "fern", runDir, guest: session.local.guest, project, environment: () => ({}), questions: new Questions(), ...options }, session.scope);
    return session;
  }

  /** One whose other end is ours: hears each frame of each connection, the first of which is told that the protocol is spoken. */
  static async imitate(hear: (frame: Frame, wire: Wire, socket: Socket) => void, protocol = 1): Promise<FoundSession> {
    const session = new FoundSession();
    await session.write({ project: "/" });
    const server: Server = createServer((socket) => {
      const wire = new Wire(socket, (frame) => hear(frame, wire, socket));
      wire.tell("hello", { protocol, session: "fern" });
    });
    await session.scope.defer("close the server", () => void server.close());
    server.listen(session.socket);
    await once(server, "listening");
    return session;
  }

  async write(changes: Partial<SessionRecord>): Promise<void> {
    const owner = identify(process.pid);
    if (!owner) throw new Error("/proc does not know this process");
    await writeRecord(this.directory, { version: 1, name: "fern", project: "/", state: "running", created: new Date().toISOString(), owner, ...changes });
  }

  start(command: readonly string[], { cwd = "/", env = {}, stdio = "pipe", input }: Starting = {}): Running {
    const [program = "", ...args] = command;
    const child = spawn(program, args, { cwd, stdio, env: { PATH: "/usr/bin:/bin", HOME: this.folder, XDG_RUNTIME_DIR: this.folder, ...env } });
    this.#children.push(child);
    const pieces: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
    for (const name of ["stdout", "stderr"] as const) child[name]?.on("data", (piece: Buffer) => pieces[name].push(piece));
    child.stdin?.on("error", () => {});
    if (input !== undefined) child.stdin?.end(input);
    const ended = once(child, "close").then(([status]) => ({ status: status as number | null, stdout: Buffer.concat(pieces.stdout), stderr: Buffer.concat(pieces.stderr).toString() }));
    return { child, ended };
  }

  /** Also ends what a test that failed has left running. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    await this.scope.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
