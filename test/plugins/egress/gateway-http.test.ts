import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect } from "chai";
import { startEgress, type TestEgress } from "./support/egress.ts";

/** A web server outside that writes down the requests it hears, and closes no connection by itself. */
async function webWitness(): Promise<{ readonly port: number; readonly heard: string[]; readonly server: Server }> {
  const heard: string[] = [];
  const server = createServer((asked, answer) => {
    void bodyOf(asked).then((body) => {
      heard.push(`${asked.method} ${asked.headers.host}${asked.url}${body === "" ? "" : ` ${body}`}`);
      if (asked.url === "/cut") return void asked.socket.destroy();
      answer.setHeader("X-Header", "kept");
      answer.end(asked.url === "/big" ? "x".repeat(3_000_000) : `to ${asked.url}`);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as AddressInfo).port, heard, server };
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of message) body += String(chunk);
  return body;
}

/** Sends raw bytes on one connection and answers everything that came until it was closed. */
async function exchange(socket: Socket, bytes: string): Promise<string> {
  let heard = "";
  socket.on("data", (chunk: Buffer) => { heard += chunk.toString("latin1"); });
  socket.on("error", () => {});
  const ended = new Promise((resolve) => socket.once("end", resolve).once("close", resolve));
  socket.write(bytes, "latin1");
  await ended;
  socket.destroy();
  return heard;
}

const close = "Connection: close\r\n";

describe("Plain HTTP through the gateway", () => {
  let web: Awaited<ReturnType<typeof webWitness>>;
  let egress: TestEgress;

  before(async () => {
    web = await webWitness();
    const upstreams = ["allowed.test:80", "denied.test:80"].map((target) => ({ target, address: "127.0.0.1", port: web.port }));
    egress = await startEgress(["allowed.test", "gone.test"], [...upstreams, { target: "gone.test:80", address: "127.0.0.1", port: 1 }]);
  });
  beforeEach(() => { web.heard.length = 0; });
  after(async () => {
    await egress.end();
    web.server.closeAllConnections();
    web.server.close();
  });

  async function send(bytes: string, name = "allowed.test"): Promise<string> {
    return await exchange(await egress.inside.tcp(await egress.addressOf(name), 80), bytes);
  }

  it("passes requests of a kept-alive connection, also sent at once, and answers in order", async () => {
    const get = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nHost: allowed.test\r\n${more}\r\n`;
    const said = await send(get("/1") + get("/2") + get("/3", close));
    expect(said.match(/to \/\d/g)).to.deep.equal(["to /1", "to /2", "to /3"]);
    expect(said.match(/X-Header: kept/g)).to.have.length(3);
    expect(web.heard).to.deep.equal(["GET allowed.test/1", "GET allowed.test/2", "GET allowed.test/3"]);
  });

  it("passes bodies of both framings, and big answers", async () => {
    await send(`POST /a HTTP/1.1\r\nHost: allowed.test\r\n${close}Content-Length: 5\r\n\r\nhello`);
    await send(`PUT /b HTTP/1.1\r\nHost: ALLOWED.test:80\r\n${close}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`);
    await send(`POST /c HTTP/1.1\r\nHost: allowed.test\r\n${close}Expect: 100-continue\r\nContent-Length: 2\r\n\r\nhi`);
    expect(web.heard).to.deep.equal(["POST allowed.test/a hello", "PUT allowed.test/b hello", "POST allowed.test/c hi"]);
    const big = await send(`GET /big HTTP/1.1\r\nHost: allowed.test\r\n${close}\r\n`);
    expect(big.length).to.be.greaterThan(3_000_000);
    expect(await send(`HEAD /big HTTP/1.1\r\nHost: allowed.test\r\n${close}\r\n`)).to.match(/^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\n$/);
  });

  it("stops at the first request that is for another host, with an answer that says why", async () => {
    const get = (host: string) => `GET /x HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const said = await send(get("allowed.test") + get("denied.test") + get("allowed.test"));
    expect(said).to.match(/^HTTP\/1.1 200 OK[^]*to \/xHTTP\/1.1 403 Forbidden[^]*cloche refuses this request to allowed.test: its Host is denied.test\n/);
    expect(web.heard).to.deep.equal(["GET allowed.test/x"]);
    const requests = egress.audit().filter(({ kind }) => kind === "request");
    expect(requests.some(({ verdict, method, path }) => verdict === "allowed" && method === "GET" && path === "/x")).to.equal(true);
    expect(requests.find(({ verdict }) => verdict === "refused")).to.include({ name: "allowed.test", port: 80, verdict: "refused", why: "its Host is denied.test" });
  });

  for (const [what, bytes] of Object.entries({
    "two Hosts": "GET / HTTP/1.1\r\nHost: allowed.test\r\nHost: allowed.test\r\n\r\n",
    "an absolute target": "GET http://denied.test/ HTTP/1.1\r\nHost: allowed.test\r\n\r\n",
    "no Host": "GET / HTTP/1.1\r\n\r\n",
    "no Host in HTTP/1.0": "GET / HTTP/1.0\r\n\r\n",
    "CONNECT": "CONNECT allowed.test:80 HTTP/1.1\r\nHost: allowed.test\r\n\r\n",
    "a length and chunks": "POST / HTTP/1.1\r\nHost: allowed.test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": "POST / HTTP/1.1\r\nHost: allowed.test\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nhello",
    "bare line feeds": "GET / HTTP/1.1\nHost: allowed.test\n\n",
    "a folded header": "GET / HTTP/1.1\r\nHost: allowed.test\r\nX: a\r\n b\r\n\r\n",
    "a space before a colon": "GET / HTTP/1.1\r\nHost: allowed.test\r\nTransfer-Encoding : chunked\r\n\r\n",
    "a NUL in a header": "GET / HTTP/1.1\r\nHost: allowed.test\r\nX: a\0b\r\n\r\n",
    "an oversized head": `GET / HTTP/1.1\r\nHost: allowed.test\r\nX: ${"a".repeat(20_000)}\r\n\r\n`,
    "HTTP/2 from the start": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "something else": "SSH-2.0-OpenSSH\r\n",
  })) {
    it(`lets nothing through with ${what}`, async () => {
      expect(await send(bytes)).to.match(/^(HTTP\/1.1 4\d\d [^]*)?$/);
      expect(web.heard).to.deep.equal([]);
    });
  }

  it("treats an offer to upgrade as an ordinary request", async () => {
    const upgrade = "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nConnection: Upgrade, HTTP2-Settings, close\r\n";
    expect(await send(`GET /u HTTP/1.1\r\nHost: allowed.test\r\n${upgrade}\r\n`)).to.match(/^HTTP\/1.1 200 OK/);
    expect(web.heard).to.deep.equal(["GET allowed.test/u"]);
  });

  it("says when the host cannot be reached or must not be, and when it breaks off", async () => {
    const get = (host: string, path = "/") => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    expect(await send(get("gone.test"), "gone.test")).to.match(/^HTTP\/1.1 502 [^]*cloche cannot reach gone.test: cannot be reached at 127.0.0.1: connect ECONNREFUSED/);
    expect(await send(get("allowed.test", "/cut"))).to.match(/^HTTP\/1.1 502 /);
  });
});
