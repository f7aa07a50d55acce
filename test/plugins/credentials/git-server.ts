import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestCertificate } from "../egress/support/certificates.ts";

const BACKEND = "/usr/lib/git-core/git-http-backend";

/** A request as the server heard it, and whether it came with the token. */
export interface HeardByGit {
  readonly head: string;
  readonly authorized: boolean;
}

/** A host of repositories over TLS, git's own server behind it: it serves whoever comes with the token, whichever repository they ask for. */
export class GitServer implements AsyncDisposable {
  readonly heard: HeardByGit[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "cg-"));
  readonly #server: Server;
  readonly #real: string;

  private constructor(certificate: TestCertificate, repositories: readonly string[], user: string, token: string) {
    this.#real = `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}`;
    for (const path of repositories) {
      mkdirSync(join(this.#folder, path), { recursive: true });
      this.#git("init", "-q", "--bare", "-b", "main", join(this.#folder, path));
      this.#git("-C", join(this.#folder, path), "config", "http.receivepack", "true");
    }
    this.#server = createServer({ cert: certificate.cert, key: certificate.key }, (asked, answer) => this.#answer(asked, answer));
  }

  /** Starts one with these bare repositories, such as "me/mine.git". */
  static async start(certificate: TestCertificate, repositories: readonly string[], token: string, user = "x-access-token"): Promise<GitServer> {
    const server = new GitServer(certificate, repositories, user, token);
    await once(server.#server.listen(0, "127.0.0.1"), "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The subjects of the commits on a repository's branches; empty when it has none. */
  commitsOf(path: string): string {
    return this.#git("-C", join(this.#folder, path), "log", "--all", "--format=%s").trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #answer(asked: IncomingMessage, answer: ServerResponse): void {
    const authorized = asked.headers.authorization === this.#real;
    this.heard.push({ head: `${asked.method} ${asked.url}`, authorized });
    if (!authorized) return void answer.writeHead(401, { "WWW-Authenticate": "Basic" }).end();
    const [path = "", query = ""] = (asked.url ?? "").split("?");
    const backend = spawn(BACKEND, [], {
      env: {
        PATH: "/usr/bin:/bin", GIT_PROJECT_ROOT: this.#folder, GIT_HTTP_EXPORT_ALL: "1", REQUEST_METHOD: asked.method, PATH_INFO: path, QUERY_STRING: query, REMOTE_USER: "me",
        CONTENT_TYPE: asked.headers["content-type"] ?? "", HTTP_CONTENT_ENCODING: asked.headers["content-encoding"] ?? "", GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*",
      },
      stdio: ["pipe", "pipe", "ignore"],
    });
    asked.pipe(backend.stdin).on("error", () => {});
    const pieces: Buffer[] = [];
    backend.stdout.on("data", (piece: Buffer) => pieces.push(piece));
    backend.once("close", () => {
      const all = Buffer.concat(pieces);
      const at = all.indexOf("\r\n\r\n");
      const headers = all.subarray(0, at).toString().split("\r\n").map((line) => line.split(": ") as [string, string]);
      const status = Number(headers.find(([name]) => name === "Status")?.[1]?.slice(0, 3) ?? 200);
      answer.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== "Status"))).end(all.subarray(at + 4));
    });
  }

  #git(...args: string[]): string {
    return execFileSync("git", args, { cwd: this.#folder, encoding: "utf8", env: { PATH: "/usr/bin:/bin", HOME: this.#folder, GIT_CONFIG_NOSYSTEM: "1" }, stdio: ["ignore", "pipe", "pipe"] });
  }
}
