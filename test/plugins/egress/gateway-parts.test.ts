import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect } from "chai";
import type { Contribution } from "../../../plugins/egress/parts.ts";
import { startEgress, type TestEgress } from "./support/egress.ts";

const SECRET = "the-real-value";
const module = new URL("support/part.ts", import.meta.url);
const contribution: Contribution = { by: "tester", module, options: { secret: SECRET }, answer: (question) => `answer to ${JSON.stringify(question)}` };

describe("The parts of other plugins in the gateway", () => {
  const heard: { readonly head: string; readonly headers: IncomingMessage["headers"]; readonly body: string }[] = [];
  const arrived: (string | undefined)[] = [];
  let web: Server;
  let egress: TestEgress;

  before(async () => {
    web = createServer(async (asked, answer) => {
      arrived.push(asked.url);
      let body = "";
      for await (const chunk of asked) body += String(chunk);
      heard.push({ head: `${asked.method} ${asked.headers.host}${asked.url}`, headers: asked.headers, body });
      if (asked.url === "/leaks") answer.setHeader("X-Secret", "1");
      answer.setHeader("X-Echo", String(asked.headers.authorization));
      answer.setHeader("Trailer", "X-Hidden, X-Shown");
      answer.write(`said ${body}`);
      answer.addTrailers({ "X-Hidden": "1", "X-Shown": "2" });
      answer.end();
    }).listen(0, "127.0.0.1");
    web.on("upgrade", (asked, socket: Socket) => {
      heard.push({ head: `${asked.method} ${asked.headers.host}${asked.url}`, headers: asked.headers, body: "" });
      socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nX-Accept: yes\r\n\r\nfirst;");
      socket.on("data", (chunk: Buffer) => socket.write(`echo ${String(chunk)};`)).on("end", () => socket.end());
    });
    await once(web, "listening");
    const { port } = web.address() as AddressInfo;
    const upstreams = ["allowed.test", "no-connection.test"].map((name) => ({ target: `${name}:80`, address: "127.0.0.1", port }));
    egress = await startEgress(["allowed.test", "no-connection.test"], upstreams, [contribution]);
  });
  beforeEach(() => { heard.length = 0; });
  after(async () => {
    await egress.end();
    web.closeAllConnections();
    web.close();
  });

  /** Sends a request and answers all that comes back until the connection is closed. */
  async function send(path: string, { method = "GET", headers = "", body = "", name = "allowed.test" } = {}): Promise<string> {
    const socket = await egress.inside.tcp(await egress.addressOf(name), 80).catch(() => undefined);
    if (!socket) return ""; // reset before it was even handed over
    let said = "";
    socket.on("error", () => {}).on("data", (chunk: Buffer) => { said += chunk.toString("latin1"); });
    const ended = new Promise((resolve) => socket.once("end", resolve).once("close", resolve));
    const length = body === "" ? "" : `Content-Length: ${body.length}\r\n`;
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n${length}${headers}\r\n${body}`);
    await ended;
    socket.destroy();
    return said;
  }

  it("put a secret into a header that the guest never held, and take it out of the answer", async () => {
    const said = await send("/", { headers: "Authorization: Bearer placeholder\r\n" });
    expect(heard[0]?.headers.authorization).to.equal(`Bearer ${SECRET}`);
    expect(said).to.match(/X-Echo: Bearer placeholder/).and.not.include(SECRET);
  });

  it("rewrite the path, and never host, framing or target", async () => {
    await send("/rewritten");
    await send("/head", { method: "POST", body: "hello" });
    expect(heard.map(({ head, body }) => `${head} ${body}`)).to.deep.equal(["GET allowed.test/other?path ", "POST allowed.test/head hello"]);
    expect(await send("/elsewhere")).to.match(/^HTTP\/1.1 403 [^]*another target than a path/);
    expect(heard).to.have.length(2);
  });

  it("change bodies as they run, and see trailers", async () => {
    const said = await send("/body", { method: "POST", body: "my placeholder" });
    expect(heard[0]?.body).to.equal(`my ${SECRET}`);
    expect(said).to.include("X-Shown: 2").and.not.include("X-Hidden: 1");
    expect(await send("/echo", { method: "POST", body: SECRET })).to.include("said placeholder").and.not.include(SECRET);
  });

  it("refuse a request with their own words, before the host hears anything, also by its body", async () => {
    expect(await send("/refused")).to.match(/^HTTP\/1.1 451 [^]*\r\n\r\nnot this path\n/);
    expect(await send("/late", { method: "POST", body: "a bad thing" })).to.match(/^HTTP\/1.1 422 [^]*a bad word\n/);
    expect(heard).to.deep.equal([]);
    expect(arrived).to.not.include("/late");
    expect(await send("/late", { method: "POST", body: "a good thing" })).to.match(/^HTTP\/1.1 200 /);
    expect(egress.audit().filter(({ kind }) => kind === "request").map(({ why }) => why)).to.include.members(["by path", "a bad word"]);
  });

  it("refuse an answer", async () => {
    expect(await send("/leaks")).to.match(/^HTTP\/1.1 502 [^]*it answered with a secret\n/).and.not.include("said");
  });

  it("deny requests and connections, whatever the rules say", async () => {
    expect(await send("/", { method: "DELETE" })).to.match(/^HTTP\/1.1 403 [^]*tester: nothing is deleted\n/);
    expect(await send("/", { name: "no-connection.test" })).to.equal("");
    expect(heard).to.deep.equal([]);
    const line = () => egress.audit().find(({ name }) => name === "no-connection.test");
    while (!line()) await new Promise((resolve) => setImmediate(resolve)); // the reset may overtake it
    expect(line()).to.include({ kind: "connection", verdict: "refused", why: "tester: not this one" });
  });

  it("refuse what they fail in, named, and quoting nothing", async () => {
    expect(await send("/throws")).to.match(/^HTTP\/1.1 502 [^]*the plugin "tester" failed in "request"/).and.not.include(SECRET);
    expect(await send("/decide/throws")).to.match(/^HTTP\/1.1 403 [^]*the plugin "tester" failed in "decide"/).and.not.include(SECRET);
    expect(heard).to.deep.equal([]);
    expect(await send("/response/throws")).to.match(/^HTTP\/1.1 502 [^]*the plugin "tester" failed in "response"/).and.not.include("said");
    expect(await send("/trailers/throw")).to.match(/^HTTP\/1.1 200 /).and.not.match(/0\r\n\r\n$|X-Shown: 2/); // broken off, not ended
    expect(await send("/")).to.match(/^HTTP\/1.1 200 OK/);
    expect(JSON.stringify(egress.audit())).to.not.include(SECRET);
  });

  it("speak with their plugin, either way, and report", async () => {
    await send("/asks");
    expect(heard[0]?.headers["answer"]).to.equal('answer to {"what":"else"}');
    expect(await egress.contributed[0]?.ask("how are you")).to.deep.equal({ heard: "how are you" });
    await send("/reported");
    expect(egress.audit().find(({ kind }) => kind === "part")).to.include({ name: "allowed.test", why: "tester: somebody asked for it" });
    expect(egress.reported.join("\n")).to.include("tester: somebody asked for it");
  });

  it("see a WebSocket as a request; then it is bytes both ways", async () => {
    const upgrade = (path: string) => `GET ${path} HTTP/1.1\r\nHost: allowed.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nAuthorization: Bearer placeholder\r\n\r\n`;
    const socket = await egress.inside.tcp(await egress.addressOf("allowed.test"), 80);
    let said = "";
    socket.on("data", (chunk: Buffer) => { said += String(chunk); });
    socket.write(upgrade("/chat"));
    while (!said.includes("first;")) await once(socket, "data");
    socket.write("one");
    while (!said.includes("echo one;")) await once(socket, "data");
    socket.end();
    await once(socket, "end");
    expect(said).to.match(/^HTTP\/1.1 101 Switching Protocols\r\n[^]*X-Accept: yes\r\n\r\nfirst;echo one;$/);
    expect(heard[0]).to.deep.include({ head: "GET allowed.test/chat" });
    expect(heard[0]?.headers).to.include({ authorization: `Bearer ${SECRET}`, upgrade: "websocket" });
    const refused = await egress.inside.tcp(await egress.addressOf("allowed.test"), 80);
    refused.write(upgrade("/refused"));
    expect(String((await once(refused, "data"))[0])).to.match(/^HTTP\/1.1 451 /);
    refused.destroy();
  });

  it("that cannot be loaded refuse the start, named", async () => {
    const failing = async (one: Partial<Contribution>) => await startEgress([], [], [{ ...contribution, ...one }]).then(() => "started", ({ message }: Error) => message);
    expect(await failing({ module: new URL("support/missing.ts", import.meta.url) })).to.match(/The part that "tester" adds to the gateway is not there/);
    expect(await failing({ module: new URL("support/hello.ts", import.meta.url) })).to.match(/the part of "tester" cannot be loaded: .*exports no function by default/);
    expect(await failing({ options: undefined })).to.match(/the part of "tester" cannot be loaded: /);
  });
});
