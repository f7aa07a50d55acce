import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { awsSignature } from "../../../plugins/credentials/gateway/service/aws-signature.ts";
import type { GatewayOptions, ServiceOptions } from "../../../plugins/credentials/gateway/options.ts";
import { exchange, openTls } from "../egress/support/clients.ts";
import { startEgress, type TestEgress } from "../egress/support/egress.ts";
import { testGateway, type TestGateway } from "./support.ts";

const json = "Content-Type: application/json";
const question = (more: object = {}): string => JSON.stringify({ max_tokens: 1, messages: [{ role: "user", content: "hi" }], ...more });
const service = (more: Partial<ServiceOptions>): ServiceOptions => ({ dialect: "anthropic", host: "llm.test", port: 443, base: "", allow: [], credential: { kind: "none" }, headers: [], ...more });

describe("Amazon's models by keys of Amazon's, in the gateway", () => {
  const key = { keyId: "AKIAREALREALREALREAL", secretKey: "real/secret+key0123456789", region: "eu-west-1" };
  const placeholder = "AKIAFAKEFAKEFAKEFAKE";
  const path = "/model/eu.anthropic.claude-x-v1%3A0/invoke-with-response-stream";
  const hash = (body: string): string => createHash("sha256").update(body).digest("hex");
  let gateway: TestGateway;

  before(async () => {
    const options: GatewayOptions = { swaps: [], git: [], services: [service({ dialect: "bedrock", host: "bedrock.test", credential: { kind: "signed", ...key, sessionToken: "real-session-token-012345", placeholder } })] };
    gateway = await testGateway(options, { "bedrock.test": ({ headers }, answer) => void answer.end(`your token is ${headers["x-amz-security-token"]} and your key ${key.secretKey}`) });
  });
  beforeEach(() => { gateway.servers["bedrock.test"]?.heard.splice(0); });
  after(async () => await gateway.end());

  const ask = async (body: string, id = placeholder, target = path): Promise<string> => await gateway.send("bedrock.test", `POST ${target}`, {
    body, headers: [json, `X-Amz-Content-Sha256: ${hash(body)}`, "X-Amz-Date: 20261126T000000Z", `Authorization: AWS4-HMAC-SHA256 Credential=${id}/20261126/eu-west-1/bedrock/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${"0".repeat(64)}`],
  });
  const heard = () => gateway.servers["bedrock.test"]?.heard ?? [];

  it("are asked with a signature that Amazon would make of what arrives, whole and with its length; the answer holds no secret", async () => {
    expect(await ask(question())).to.match(/^HTTP\/1.1 200/).and.not.include("real");
    const [{ headers, body, head } = { headers: {} as IncomingHttpHeaders, body: "", head: "" }] = heard();
    expect([head, body, headers["content-length"]]).to.deep.equal([`POST bedrock.test${path}`, question(), String(question().length)]);
    const time = String(headers["x-amz-date"]);
    expect(Math.abs(Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z")) - Date.now())).to.be.lessThan(60_000);
    const signed = [["host", "bedrock.test"], ["content-type", "application/json"], ["x-amz-content-sha256", hash(body)], ["x-amz-date", time], ["x-amz-security-token", "real-session-token-012345"]] as const;
    expect(headers.authorization).to.equal(awsSignature({ method: "POST", path, headers: signed, payloadHash: hash(body) }, { ...key, service: "bedrock" }));
  });

  it("are asked for nothing with another's key, for nothing but conversations, and for none of what is refused elsewhere", async () => {
    expect(await ask(question(), "AKIAATTACKERATTACKER")).to.match(/^HTTP\/1.1 403 [^]*not made with this session's key/);
    expect(await ask(question(), key.keyId)).to.match(/^HTTP\/1.1 403/);
    expect(await ask("{}", placeholder, "/guardrail/x/apply")).to.match(/^HTTP\/1.1 403/);
    expect(await ask(question({ mcp_servers: [{}] }))).to.match(/^HTTP\/1.1 400 [^]*mcp_servers/);
    expect(heard()).to.deep.equal([]);
  });
});

describe("A gateway for models that speaks plain HTTP", () => {
  const KEY = "real-key-of-the-gateway-0123";
  const TEAM = "team-A1b2C3d4E5f6G7h8I9j0K1l2M3";
  const PLACEHOLDER = "fake-key-of-the-gateway-0000";
  let server: Server;
  let egress: TestEgress;
  const heard: { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];

  before(async () => {
    server = createServer((asked, answer) => {
      let body = "";
      asked.setEncoding("utf8").on("data", (piece: string) => { body += piece; }).on("end", () => {
        heard.push({ url: asked.url ?? "", headers: asked.headers, body });
        answer.end(`you are ${asked.headers.authorization} of ${asked.headers["x-team"]} ${asked.headers["x-plain"]}`);
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const options: GatewayOptions = { swaps: [], git: [], services: [service({ base: "/anthropic", headers: [["X-Team", TEAM], ["X-Plain", "application/json"]], credential: { kind: "fixed", header: "authorization", value: KEY, placeholder: PLACEHOLDER } })] };
    const module = new URL("../../../plugins/credentials/gateway/part.ts", import.meta.url);
    egress = await startEgress(["llm.test"], [{ target: "llm.test:443", address: "127.0.0.1", port, plain: true }], [{ by: "credentials", module, options }]);
  });
  beforeEach(() => { heard.length = 0; });
  after(async () => {
    await egress.end();
    server.closeAllConnections();
    server.close();
  });

  const ask = async (bearer: string, path: string): Promise<string> => {
    const socket = await openTls(await egress.inside.tcp(await egress.addressOf("llm.test"), 443), "llm.test", egress.authority ?? "", ["h2", "http/1.1"]);
    return await exchange(socket, [`POST ${path} HTTP/1.1`, "Host: llm.test", "Connection: close", json, `Authorization: Bearer ${bearer}`, `Content-Length: ${question().length}`, "", question()].join("\r\n"));
  };

  it("is spoken to with the real key, while the guest speaks TLS with a placeholder", async () => {
    expect(await ask(PLACEHOLDER, "/anthropic/v1/messages")).to.match(/^HTTP\/1.1 200/).and.include(`you are Bearer ${PLACEHOLDER} of xxxxx`).and.include("application/json").and.not.include(TEAM);
    expect(heard.map(({ url, headers, body }) => [url, headers.host, headers.authorization, body])).to.deep.equal([["/anthropic/v1/messages", "llm.test", `Bearer ${KEY}`, question()]]);
  });

  it("hears of nothing else: no other credential, no other path, nothing without TLS", async () => {
    expect(await ask("attacker", "/anthropic/v1/messages")).to.match(/^HTTP\/1.1 403/);
    expect(await ask(PLACEHOLDER, "/v1/messages")).to.match(/^HTTP\/1.1 403/);
    const plain = await egress.inside.tcp(await egress.addressOf("llm.test"), 443);
    expect(await exchange(plain, "GET /anthropic/v1/models HTTP/1.1\r\nHost: llm.test\r\n\r\n").catch(String)).to.not.match(/^HTTP\/1.1 200/);
    expect(heard).to.deep.equal([]);
  });
});
