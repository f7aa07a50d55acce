import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { gitConfigFor } from "../../../plugins/credentials/repositories/repositories.ts";
import { makeCertificate } from "../egress/support/certificates.ts";
import { startEgress, type TestEgress } from "../egress/support/egress.ts";
import { GitServer } from "./git-server.ts";

const HOST = "git.test";
const TOKEN = "ghp_realtoken5e0d9b3c7f1a2468";

describe("git push through the gateway", () => {
  let folder: string;
  let server: GitServer;
  let egress: TestEgress;
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: folder, encoding: "utf8", env: { PATH: "/usr/bin:/bin", HOME: folder, GIT_CONFIG_NOSYSTEM: "1" }, stdio: ["ignore", "pipe", "pipe"] });

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "cg-"));
    git("init", "-q", "-b", "main", "work");
    git("-C", "work", "-c", "user.name=a", "-c", "user.email=a@b.test", "commit", "-q", "--allow-empty", "-m", "first");
    const certificate = makeCertificate([HOST]);
    server = await GitServer.start(certificate, ["me/mine.git", "me/other.git"], TOKEN);
    const repositories = [{ path: "me/mine", push: true }];
    const options = { swaps: [], services: [], git: [{ host: HOST, user: "x-access-token", token: TOKEN, repositories }] };
    const module = new URL("../../../plugins/credentials/gateway/part.ts", import.meta.url);
    egress = await startEgress([HOST], [{ target: `${HOST}:443`, address: "127.0.0.1", port: server.port, ca: certificate.ca }], [{ by: "credentials", module, options }]);
    writeFileSync(join(folder, "authority.pem"), egress.authority ?? "");
    writeFileSync(join(folder, "resolv.conf"), "nameserver 127.0.0.1\n");
    writeFileSync(join(folder, "gitconfig"), String(gitConfigFor([HOST])[0]?.content));
  });
  after(async () => {
    await egress.end();
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => { server.heard.length = 0; });

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
    expect(server.commitsOf("me/mine.git")).to.equal("first");
    expect(server.heard.every(({ authorized }) => authorized)).to.equal(true);
    expect((await inside("ls-remote", `ssh://git@${HOST}/me/mine`)).words).to.include("refs/heads/main");
  });

  it("cannot push to another, with nor without a token of its own, and nothing arrives there", async () => {
    for (const url of [`https://${HOST}/me/other.git`, `https://${HOST}/me/mine.git/../other.git`, `https://x-access-token:attacker-token@${HOST}/me/other.git`]) {
      const { status, words } = await inside("push", url, "main");
      expect(status, words).to.not.equal(0);
    }
    expect(server.heard.filter(({ head, authorized }) => authorized && /other/.test(head))).to.deep.equal([]);
    expect(server.heard.filter(({ head }) => /receive-pack/.test(head) && /other/.test(head))).to.deep.equal([]);
    expect(server.commitsOf("me/other.git")).to.equal("");
    const { words } = await inside("push", `https://${HOST}/me/other.git`, "main");
    expect(words).to.match(/403/);
  });
});
