import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { gitConfigFor } from "../../../plugins/credentials/repositories/repositories.ts";
import { makeCertificate } from "../egress/support/certificates.ts";
import { startEgress, type TestEgress } from "../egress/support/egress.ts";

const HOST = "git.test";
const TOKEN = "ghp_realtoken5e0d9b3c7f1a2468";
const REAL = `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString("base64")}`;

describe("git push through the gateway", () => {
  let folder: string;
  let server: Server;
  let egress: TestEgress;
  const heard: { readonly head: string; readonly authorized: boolean }[] = [];
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: folder, encoding: "utf8", env: { PATH: "/usr/bin:/bin", HOME: folder, GIT_CONFIG_NOSYSTEM: "1" }, stdio: ["ignore", "pipe", "pipe"] });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cg-"));
    for (const path of ["srv/me/mine.git", "srv/me/other.git"]) {
      mkdirSync(join(folder, path), { recursive: true });
      git("init", "-q", "--bare", "-b", "main", join(folder, path));
      git("-C", join(folder, path), "config", "http.receivepack", "true");
    }
    git("init", "-q", "-b", "main", "work");
    git("-C", "work", "-c", "user.name=a", "-c", "user.email=a@b.test", "commit", "-q", "--allow-empty", "-m", "first");
    const certificate = makeCertificate([HOST]);
    server = createServer({ cert: certificate.cert, key: certificate.key }, (asked, answer) => {
      const authorized = asked.headers.authorization === REAL;
      heard.push({ head: `${asked.method} ${asked.url}`, authorized });
      // it serves whoever comes with the token, whichever repository they ask for
      if (!authorized) return void answer.writeHead(401, { "WWW-Authenticate": "Basic" }).end();
      const [path = "", query = ""] = (asked.url ?? "").split("?");
      const backend = spawn("/usr/lib/git-core/git-http-backend", [], {
        env: {
          PATH: "/usr/bin:/bin", GIT_PROJECT_ROOT: join(folder, "srv"), GIT_HTTP_EXPORT_ALL: "1", REQUEST_METHOD: asked.method, PATH_INFO: path, QUERY_STRING: query, REMOTE_USER: "me",
          CONTENT_TYPE: asked.headers["content-type"] ?? "", HTTP_CONTENT_ENCODING: asked.headers["content-encoding"] ?? "", GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*",
        },
        stdio: ["pipe", "pipe", "ignore"],
      });
      asked.pipe(backend.stdin);
      const pieces: Buffer[] = [];
      backend.stdout.on("data", (piece: Buffer) => pieces.push(piece));
      backend.once("close", () => {
        const all = Buffer.concat(pieces);
        const at = all.indexOf("\r\n\r\n");
        const headers = all.subarray(0, at).toString().split("\r\n").map((line) => line.split(": ") as [string, string]);
        const status = Number(headers.find(([name]) => name === "Status")?.[1]?.slice(0, 3) ?? 200);
        answer.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== "Status"))).end(all.subarray(at + 4));
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const repositories = [{ path: "me/mine", push: true }];
    const options = { swaps: [], services: [], git: [{ host: HOST, user: "x-access-token", token: TOKEN, repositories }] };
    const module = new URL("../../../plugins/credentials/gateway/part.ts", import.meta.url);
    egress = await startEgress([HOST], [{ target: `${HOST}:443`, address: "127.0.0.1", port, ca: certificate.ca }], [{ by: "credentials", module, options }]);
    writeFileSync(join(folder, "authority.pem"), egress.authority ?? "");
    writeFileSync(join(folder, "resolv.conf"), "nameserver 127.0.0.1\n");
    writeFileSync(join(folder, "gitconfig"), String(gitConfigFor([HOST])[0]?.content));
  });
  after(async () => {
    await egress.end();
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => { heard.length = 0; });

  /** Runs git inside, where the guest is, as the guest's git would run; answers its exit status and words. */
  async function inside(...args: readonly string[]): Promise<{ status: number | null; words: string }> {
    const bind = (from: string, to: string) => ["--ro-bind", from, to];
    const view = ["--dev-bind", "/", "/", ...bind(join(folder, "resolv.conf"), "/etc/resolv.conf")];
    const [command = "", ...before] = [...egress.network.enter, "bwrap", ...view, "git", ...args];
    const env = { PATH: "/usr/bin:/bin", HOME: "/nonexistent", GIT_CONFIG_SYSTEM: join(folder, "gitconfig"), GIT_CONFIG_GLOBAL: "/dev/null", GIT_SSL_CAINFO: join(folder, "authority.pem"), GIT_TERMINAL_PROMPT: "0", GIT_ASKPASS: "true" };
    const child = spawn(command, before, { cwd: join(folder, "work"), env, stdio: ["ignore", "pipe", "pipe"] });
    let words = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => { words += chunk.toString(); });
    const [status] = (await once(child, "close")) as [number | null];
    return { status, words };
  }

  it("pushes to the repository that was named, by its SSH remote, with a token that it never held", async () => {
    const { status, words } = await inside("push", `git@${HOST}:me/mine.git`, "main");
    expect(words).to.include("main -> main");
    expect(status).to.equal(0);
    expect(git("-C", "srv/me/mine.git", "log", "--format=%s", "main").trim()).to.equal("first");
    expect(heard.every(({ authorized }) => authorized)).to.equal(true);
    expect((await inside("ls-remote", `ssh://git@${HOST}/me/mine`)).words).to.include("refs/heads/main");
  });

  it("cannot push to another, with nor without a token of its own, and nothing arrives there", async () => {
    for (const url of [`https://${HOST}/me/other.git`, `https://${HOST}/me/mine.git/../other.git`, `https://x-access-token:attacker-token@${HOST}/me/other.git`]) {
      const { status, words } = await inside("push", url, "main");
      expect(status, words).to.not.equal(0);
    }
    expect(heard.filter(({ head, authorized }) => authorized && /other/.test(head))).to.deep.equal([]);
    expect(heard.filter(({ head }) => /receive-pack/.test(head) && /other/.test(head))).to.deep.equal([]);
    expect(git("-C", "srv/me/other.git", "for-each-ref")).to.equal("");
    const { words } = await inside("push", `https://${HOST}/me/other.git`, "main");
    expect(words).to.match(/403/);
  });
});
