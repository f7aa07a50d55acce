import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { expect } from "chai";
import { QUESTIONS, type CredentialOptions, type GatewayOptions, type ServiceOptions } from "../../../plugins/credentials/gateway/options.ts";
import { readHostLogin } from "../../../plugins/credentials/gateway/service/host-login.ts";
import type { Swap } from "../../../plugins/credentials/gateway/secrets/swap.ts";
import { testGateway, type Answerer, type TestGateway } from "./support.ts";

const KEY = "sk-ant-api03-real-5e0d9b3c7f1a2468";
const KEY_PLACEHOLDER = "sk-ant-api03-fake-0000000000000000";
const API = "api.anthropic.com";
const SECRET = "real-secret-a1b2c3d4e5f60718";
const PLACEHOLDER = "fake-secret-0000000000000000";
const swap: Swap = { name: "mine", placeholder: PLACEHOLDER, value: SECRET, hosts: ["secret.test"], places: [{ header: "authorization" }, { basic: true }, { query: "key" }] };
const service = (credential: CredentialOptions, allow: readonly string[] = []): ServiceOptions => ({ dialect: "anthropic", host: API, port: 443, base: "", allow, credential, headers: [] });
const fixed: CredentialOptions = { kind: "fixed", header: "x-api-key", value: KEY, placeholder: KEY_PLACEHOLDER };
const json = "Content-Type: application/json";
const question = (more: object = {}): string => JSON.stringify({ model: "m", max_tokens: 1, messages: [{ role: "user", content: "hi" }], ...more });
const echo: Answerer = ({ head, headers, body }, answer) => answer.end(`${head} ${JSON.stringify(headers)} ${body}`);

/** Answers with what the query asks for: the real value, below an encoding, in pieces, in a header. */
const leaking: Answerer = ({ head }, answer) => {
  const text = Buffer.from(`before ${SECRET} and ${Buffer.from(`x:${SECRET}`).toString("base64")} after`);
  if (head.includes("/gzip")) return void answer.setHeader("Content-Encoding", "gzip").end(gzipSync(text));
  if (head.includes("/br")) return void answer.setHeader("Content-Encoding", "br").end(brotliCompressSync(text));
  if (head.includes("/odd")) return void answer.setHeader("Content-Encoding", "compress").end(text);
  if (head.includes("/header")) return void answer.setHeader("Location", `https://secret.test/?key=${SECRET}`).end();
  if (head.includes("/pieces")) {
    const pieces = [...text].map((byte) => Buffer.from([byte]));
    const next = (): void => {
      const piece = pieces.shift();
      if (piece) answer.write(piece, next);
      else answer.end();
    };
    return next();
  }
  return void answer.end(text);
};

describe("Secrets in the gateway", () => {
  let gateway: TestGateway;

  before(async () => {
    const options: GatewayOptions = { swaps: [swap], services: [service(fixed)], git: [] };
    gateway = await testGateway(options, { [API]: echo, "secret.test": (heard, answer) => (heard.head.includes("/leak") ? leaking : echo)(heard, answer), "other.test": echo });
  });
  beforeEach(() => { for (const { heard, broken } of Object.values(gateway.servers)) heard.length = broken.length = 0; });
  after(async () => await gateway.end());

  const heard = (name: string) => gateway.servers[name]?.heard ?? [];
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

  it("go to their own host, in the places that they name, though the guest never has them", async () => {
    const said = await gateway.send("secret.test", `GET /a?key=${PLACEHOLDER}`, { headers: [`Authorization: Bearer ${PLACEHOLDER}`] });
    await gateway.send("secret.test", "GET /b", { headers: [`Authorization: ${basic(`me:${PLACEHOLDER}`)}`] });
    expect(heard("secret.test")[0]?.headers.authorization).to.equal(`Bearer ${SECRET}`);
    expect(heard("secret.test")[0]?.head).to.equal(`GET secret.test/a?key=${SECRET}`);
    expect(heard("secret.test")[1]?.headers.authorization).to.equal(basic(`me:${SECRET}`));
    expect(said).to.match(/^HTTP\/1.1 200/).and.include(`Bearer ${PLACEHOLDER}`).and.not.include(SECRET);
  });

  it("are taken out of answers: plain, compressed, in single bytes, in a header; what cannot be read does not pass", async () => {
    for (const path of ["/leak", "/leak/gzip", "/leak/br", "/leak/pieces", "/leak/header"]) {
      const said = await gateway.send("secret.test", `GET ${path}`, { headers: ["Accept-Encoding: gzip, br, compress"] });
      expect(said, path).to.match(/^HTTP\/1.1 200/).and.include("fake-secret").and.not.include("real-secret").and.not.include(Buffer.from(`x:${SECRET}`).toString("base64").slice(4, 24));
    }
    expect(await gateway.send("secret.test", "GET /leak/odd")).to.match(/^HTTP\/1.1 502/).and.not.include("real-secret");
  });

  it("are refused and reported by their placeholder anywhere else that can be read, and nothing arrives", async () => {
    const body = `{"text":"${PLACEHOLDER}"}`;
    const attempts: readonly (readonly [string, string, Parameters<TestGateway["send"]>[2]])[] = [
      ["secret.test", "GET /x", { headers: [`X-Other: ${PLACEHOLDER}`] }],
      ["secret.test", `GET /${PLACEHOLDER}`, {}],
      ["secret.test", "POST /x", { body }],
      ["secret.test", "POST /x", { body: Buffer.from(body).toString("base64") }],
      ["secret.test", "POST /x", { body: gzipSync(body), headers: ["Content-Encoding: gzip"] }],
      [API, "GET /v1/models", { headers: [`X-Other: ${PLACEHOLDER}`] }],
      ["other.test", "GET /x", { headers: [`Authorization: Bearer ${PLACEHOLDER}`], plain: true }],
      ["other.test", "POST /x", { body, plain: true }],
      ["secret.test", "GET /x", { headers: [`Authorization: Bearer ${PLACEHOLDER}`], plain: true }], // its own host, but not over TLS
    ];
    for (const [name, head, options] of attempts) {
      const said = await gateway.send(name, head, options).catch(String);
      expect(said, `${head} ${JSON.stringify(options)}`).to.match(/^HTTP\/1.1 403 [^]*placeholder of "mine"/);
    }
    expect(Object.values(gateway.servers).flatMap((server) => server.heard)).to.deep.equal([]);
    expect(gateway.egress.audit().filter(({ why }) => String(why).includes('the placeholder of "mine" was sent to'))).to.have.length.at.least(attempts.length);
    expect(await gateway.send("secret.test", "POST /x", { body: "harmless" })).to.match(/^HTTP\/1.1 200/); // the control
  });

  it("do not open what cannot be read: other names pass untouched, and get placeholders at most", async () => {
    await gateway.send("other.test", "GET /x", { headers: [`Authorization: Bearer ${PLACEHOLDER}`] });
    expect(heard("other.test")[0]?.headers.authorization).to.equal(`Bearer ${PLACEHOLDER}`);
  });
});

describe("The agent's own service in the gateway", () => {
  let gateway: TestGateway;
  const streamed: Answerer = (heard, answer) => {
    if (!heard.head.includes("/v1/messages")) return echo(heard, answer);
    answer.writeHead(200, { "content-type": "text/event-stream" });
    let number = 0;
    const timer = setInterval(() => {
      if (number === 20) {
        clearInterval(timer);
        return answer.end(`your key ${KEY}\n\n`);
      }
      answer.write(`data: ${number++} ${process.hrtime.bigint()}\n\n`);
    }, 15);
  };

  before(async () => {
    gateway = await testGateway({ swaps: [swap], services: [service(fixed, ["batches"])], git: [] }, { [API]: streamed });
  });
  beforeEach(() => { for (const { heard, broken } of Object.values(gateway.servers)) heard.length = broken.length = 0; });
  after(async () => await gateway.end());

  const server = () => gateway.servers[API];
  const post = async (body: string, headers: readonly string[] = [`x-api-key: ${KEY_PLACEHOLDER}`], path = "/v1/messages?beta=true") => await gateway.send(API, `POST ${path}`, { body, headers: [json, ...headers] });

  it("is asked with the real key, whichever way the placeholder came", async () => {
    await post(question());
    await post(question(), [`Authorization: Bearer ${KEY_PLACEHOLDER}`]);
    expect(server()?.heard.map(({ headers }) => [headers["x-api-key"], headers.authorization])).to.deep.equal([[KEY, undefined], [KEY, undefined]]);
    expect(server()?.heard[0]?.body).to.equal(question());
  });

  it("is never asked with another credential, so that nothing goes to another's account", async () => {
    for (const headers of [["x-api-key: sk-ant-api03-attacker"], ["Authorization: Bearer attacker"], [`x-api-key: ${KEY_PLACEHOLDER}`, "Authorization: Bearer attacker"], [`x-api-key: ${KEY_PLACEHOLDER}`, "x-api-key: attacker"], ["Authorization: Basic YTpi"]]) {
      expect(await post(question(), headers)).to.match(/^HTTP\/1.1 403 [^]*not this session's/);
    }
    expect(server()?.heard).to.deep.equal([]);
    await gateway.send(API, "GET /api/hello", { headers: ["Cookie: sessionKey=attacker"] });
    expect(server()?.heard[0]?.headers).to.not.have.any.keys("cookie", "x-api-key", "authorization");
  });

  it("sees none of the features that were not allowed, and the refusal says how to allow them", async () => {
    const bodies = [
      { mcp_servers: [{ type: "url", url: "https://evil.test", name: "x" }] }, { tools: [{ type: "web_search_20250305", name: "w" }] }, { tools: [{ type: "web_fetch_20250910", name: "w" }] },
      { tools: [{ type: "code_execution_20250825", name: "c" }] }, { messages: [{ role: "user", content: [{ type: "image", source: { type: "url", url: "https://evil.test/x" } }] }] },
      { messages: [{ role: "user", content: [{ type: "document", source: { type: "file", file_id: "f" } }] }] }, { container: "c" },
    ];
    for (const body of bodies) expect(await post(question(body)), JSON.stringify(body)).to.match(/^HTTP\/1.1 400 [^]*cloche refuses [^]*credentials.service.allow/);
    for (const [method, path] of [["POST", "/v1/files"], ["GET", "/v1/files/f/content"], ["POST", "/v1/skills"], ["POST", "/v1/code/sessions"], ["POST", "/v1/organizations/api_keys"]]) {
      expect(await gateway.send(API, `${method} ${path}`, { headers: [`x-api-key: ${KEY_PLACEHOLDER}`] }), path).to.match(/^HTTP\/1.1 403/);
    }
    expect(await post(question(), [`x-api-key: ${KEY_PLACEHOLDER}`, "Content-Encoding: gzip"])).to.match(/^HTTP\/1.1 400/);
    expect([server()?.heard, server()?.broken]).to.deep.equal([[], []]);
    expect(await gateway.send(API, "POST /v1/messages/batches", { headers: [`x-api-key: ${KEY_PLACEHOLDER}`], body: "{}" })).to.match(/^HTTP\/1.1 200/); // allowed by name
  });

  it("hears what the agent has seen, placeholders included", async () => {
    expect(await post(question({ system: `env: MINE=${PLACEHOLDER}` }))).to.match(/^HTTP\/1.1 200/);
    expect(server()?.heard[0]?.body).to.include(PLACEHOLDER);
  });

  it("answers word by word, each within 5 ms, without the key", async () => {
    const { openTls } = await import("../egress/support/clients.ts");
    const tls = await openTls(await gateway.egress.inside.tcp(await gateway.egress.addressOf(API), 443), API, gateway.authority, ["http/1.1"]);
    const delaysMs: number[] = [];
    let text = "";
    tls.on("data", (chunk: Buffer) => {
      const now = process.hrtime.bigint();
      text += chunk.toString();
      for (const [, sent = "0"] of chunk.toString().matchAll(/data: \d+ (\d+)/g)) delaysMs.push(Number(now - BigInt(sent)) / 1e6);
    });
    tls.write(`POST /v1/messages HTTP/1.1\r\nHost: ${API}\r\nConnection: close\r\n${json}\r\nx-api-key: ${KEY_PLACEHOLDER}\r\nContent-Length: ${question().length}\r\n\r\n${question()}`);
    await new Promise((resolve) => tls.once("close", resolve).once("end", resolve));
    expect(delaysMs).to.have.length(20);
    const sorted = delaysMs.toSorted((a, b) => a - b);
    expect(sorted[10]).to.be.lessThan(5);
    expect(text).to.include(`your key ${KEY_PLACEHOLDER}`).and.not.include(KEY);
  });
});

describe("Ways to log in, in the gateway", () => {
  let folder: string;
  let gateway: TestGateway | undefined;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "cl-")); });
  afterEach(async () => {
    await gateway?.end();
    gateway = undefined;
    rmSync(folder, { recursive: true });
  });

  const token = (name: string): string => `sk-ant-oat01-${name}-0123456789abcdef`;
  const login = (name: string, expiresAt: number): void => writeFileSync(join(folder, "login"), JSON.stringify({ claudeAiOauth: { accessToken: token(name), refreshToken: `refresh-${token(name)}`, expiresAt } }));
  const hostLogin = (refresh = false): CredentialOptions => ({ kind: "host login", placeholder: token("fake"), refresh });
  const open = async (credential: CredentialOptions, answer?: (question: unknown) => unknown) => (gateway = await testGateway({ swaps: [], services: [service(credential)], git: [] }, { [API]: echo }, (question) => (question === QUESTIONS.login ? readHostLogin(join(folder, "login")) : answer?.(question))));
  const ask = async (bearer: string) => await gateway?.send(API, "GET /v1/models", { headers: [`Authorization: Bearer ${bearer}`] });

  it("read the host's login at each request, so that a renewed one is used at once", async () => {
    login("one", Date.now() + 3_600_000);
    const { servers } = await open(hostLogin());
    expect(await ask(token("fake"))).to.match(/^HTTP\/1.1 200/).and.include(token("fake")).and.not.include(token("one"));
    login("two", Date.now() + 3_600_000);
    await ask(token("fake"));
    expect(servers[API]?.heard.map(({ headers }) => headers.authorization)).to.deep.equal([`Bearer ${token("one")}`, `Bearer ${token("two")}`]);
    expect(await ask(token("one"))).to.match(/^HTTP\/1.1 403/); // not even the real one from inside
  });

  it("say what to do about an expired login, and have it renewed when the user wants that", async () => {
    login("old", Date.now() - 1000);
    await open(hostLogin());
    expect(await ask(token("fake"))).to.match(/^HTTP\/1.1 403 [^]*has expired. Run `claude`/);
    await gateway?.end();
    const asked: unknown[] = [];
    const { servers } = await open(hostLogin(true), (question) => {
      asked.push(question);
      login("new", Date.now() + 3_600_000);
    });
    expect(await ask(token("fake"))).to.match(/^HTTP\/1.1 200/);
    expect([asked, servers[API]?.heard[0]?.headers.authorization]).to.deep.equal([[QUESTIONS.refresh], `Bearer ${token("new")}`]);
  });

  it("keep a login that is made inside in the gateway, and let one through", async () => {
    const credential: CredentialOptions = { kind: "login inside", placeholder: token("fake"), refreshPlaceholder: "sk-ant-ort01-fake-0123456789abcdef" };
    let given = 0;
    const tokens: Answerer = (heard, answer) => answer.setHeader("content-type", "application/json").end(JSON.stringify({ access_token: token(`given${++given}`), refresh_token: `sk-ant-ort01-given${given}-0123456789abcdef`, expires_in: 3600, seen: heard.body }));
    gateway = await testGateway({ swaps: [], services: [service(credential)], git: [] }, { [API]: echo, "platform.claude.com": tokens });
    const { send, servers } = gateway;
    const post = async (body: object, path = "/v1/oauth/token") => await send("platform.claude.com", `POST ${path}`, { headers: [json], body: JSON.stringify(body) });
    expect(await ask(token("fake"))).to.match(/^HTTP\/1.1 403 [^]*nobody has logged in/);
    const said = await post({ grant_type: "authorization_code", code: "c" });
    expect(said).to.include(token("fake")).and.include("sk-ant-ort01-fake").and.not.include("given1");
    expect(await ask(token("fake"))).to.match(/^HTTP\/1.1 200/);
    expect(servers[API]?.heard[0]?.headers.authorization).to.equal(`Bearer ${token("given1")}`);
    expect(await post({ grant_type: "authorization_code", code: "attacker" })).to.match(/^HTTP\/1.1 403 [^]*one login/);
    expect(await post({ grant_type: "refresh_token", refresh_token: credential.refreshPlaceholder })).to.match(/^HTTP\/1.1 200/).and.not.include("given");
    expect(servers["platform.claude.com"]?.heard.at(-1)?.body).to.include("sk-ant-ort01-given1");
    await ask(token("fake"));
    expect(servers[API]?.heard.at(-1)?.headers.authorization).to.equal(`Bearer ${token("given2")}`);
    expect(await post({}, "/v1/other")).to.match(/^HTTP\/1.1 403/);
    expect(servers["platform.claude.com"]?.heard).to.have.length(2);
  });

  it("give models at Amazon a key and at Google a token that is asked for anew, for conversations alone, judged like others", async () => {
    const bedrock: ServiceOptions = { ...service({ kind: "fixed", header: "authorization", value: "bedrock-real-0123456789", placeholder: "bedrock-fake-0123456789" }), dialect: "bedrock", host: "bedrock.test" };
    const vertex: ServiceOptions = { ...service({ kind: "asked" }), dialect: "vertex", host: "vertex.test" };
    let asked = 0;
    gateway = await testGateway({ swaps: [], services: [bedrock, vertex, service({ kind: "none" })], git: [] }, { "bedrock.test": echo, "vertex.test": echo, [API]: echo }, (asking) => (asking === QUESTIONS.token ? `google-token-${++asked}-0123456789` : undefined));
    const { send, servers } = gateway;
    const model = "/model/eu.anthropic.claude-x-v1%3A0/invoke-with-response-stream";
    const project = "/v1/projects/my-project/locations/global/publishers/anthropic/models/claude-x@1:streamRawPredict";
    const fake = "Authorization: Bearer bedrock-fake-0123456789";
    expect(await send("bedrock.test", `POST ${model}`, { headers: [json, fake], body: question() })).to.match(/^HTTP\/1.1 200/).and.not.include("bedrock-real");
    expect(await send("bedrock.test", `POST ${model}`, { headers: [json, fake], body: question({ mcp_servers: [] }) })).to.match(/^HTTP\/1.1 400/);
    expect(await send("bedrock.test", "POST /guardrail/x/apply", { headers: [json, fake], body: "{}" })).to.match(/^HTTP\/1.1 403/);
    expect(await send("vertex.test", `POST ${project}`, { headers: [json], body: question() })).to.match(/^HTTP\/1.1 200/).and.not.include("google-token");
    expect(await send("vertex.test", `POST ${project}`, { headers: [json, "Authorization: Bearer attacker"], body: question() })).to.match(/^HTTP\/1.1 403/);
    expect(await send("vertex.test", "POST /v1/projects/my-project/locations/global/endpoints", { headers: [json], body: "{}" })).to.match(/^HTTP\/1.1 403/);
    expect([servers["bedrock.test"], servers["vertex.test"]].map((server) => server?.heard.map(({ headers }) => headers.authorization))).to.deep.equal([["Bearer bedrock-real-0123456789"], ["Bearer google-token-1-0123456789"]]);
    expect(await send(API, "POST /v1/messages", { headers: [json, "x-api-key: attacker"], body: question() })).to.match(/^HTTP\/1.1 403/); // the agent's own is nobody's then
  });
});
