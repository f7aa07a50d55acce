import { once } from "node:events";
import type { Socket } from "node:net";
import { expect } from "chai";
import { makeCertificate } from "./support/certificates.ts";
import { answerOf, ask, exchange, openHttp2, openTls } from "./support/clients.ts";
import { startEgress, type TestEgress } from "./support/egress.ts";
import { webWitness, ZIPPED, type WebWitness } from "./support/web-witness.ts";

const NAMES = ["allowed.test", "old.test", "untouched.test", "denied.test"];
const certificate = makeCertificate(NAMES);
const stranger = makeCertificate(["stranger.test", "allowed.test"]);
const wrongName = makeCertificate(["other.test"]);
const SECRET = "the-real-value";
const close = "Connection: close\r\n";

describe("A name whose TLS is intercepted", () => {
  let both: WebWitness;
  let old: WebWitness;
  let bad: WebWitness;
  let wrong: WebWitness;
  let egress: TestEgress;
  let ca: string;

  before(async () => {
    both = await webWitness(certificate);
    old = await webWitness(certificate, ["http/1.1"]);
    bad = await webWitness(stranger);
    wrong = await webWitness(wrongName);
    const to = (target: string, { port }: WebWitness, trusted: { ca?: string } = { ca: certificate.ca }) => ({ target, address: "127.0.0.1", port, ...trusted });
    const upstreams = [
      to("allowed.test:443", both), to("allowed.test:8443", both), to("old.test:443", old), to("untouched.test:443", both), to("denied.test:443", both),
      to("stranger.test:443", bad, {}), to("wrong.test:443", wrong, { ca: wrongName.ca }), { target: "gone.test:443", address: "127.0.0.1", port: 1 },
    ];
    const module = new URL("support/part.ts", import.meta.url);
    const intercepts = ["allowed.test", "old.test", "stranger.test", "wrong.test", "gone.test"];
    egress = await startEgress(["allowed.test", "allowed.test:8443", "old.test", "untouched.test", "stranger.test", "wrong.test", "gone.test"], upstreams, [{ by: "tester", module, options: { secret: SECRET, intercepts } }]);
    ca = egress.authority ?? expect.fail("no authority");
  });
  beforeEach(() => { for (const witness of [both, old, bad, wrong]) witness.heard.length = 0; });
  after(async () => {
    await egress.end();
    for (const witness of [both, old, bad, wrong]) await witness.end();
  });

  const dial = async (name: string, port = 443): Promise<Socket> => await egress.inside.tcp(await egress.addressOf(name), port);
  const get = (path: string, more = close, host = "allowed.test") => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;

  /** Sends bytes of HTTP/1.1 over TLS. */
  async function send(bytes: string, name = "allowed.test", port = 443): Promise<string> {
    return await exchange(await openTls(await dial(name, port), name, ca, ["http/1.1"]), bytes);
  }

  it("shows the guest a certificate of ours, and the host the same name under its own trust", async () => {
    const tls = await openTls(await dial("allowed.test"), "allowed.test", ca);
    expect(tls.getPeerCertificate().issuer.CN).to.match(/^cloche session /);
    expect(await exchange(tls, get("/hello"))).to.match(/^HTTP\/1.1 200 OK[^]*answer to \/hello/);
    expect(both.heard[0]).to.include({ head: "GET allowed.test/hello", version: "1.1", serverName: "allowed.test" });
  });

  it("passes the bytes of other names untouched", async () => {
    const tls = await openTls(await dial("untouched.test"), "untouched.test", certificate.ca);
    expect(tls.getPeerCertificate().issuer.CN).to.equal("cloche test authority");
    expect(await exchange(tls, get("/", close, "untouched.test"))).to.match(/^HTTP\/1.1 200 OK/);
    const failed = await openTls(await dial("untouched.test"), "untouched.test", ca).catch(({ code }: NodeJS.ErrnoException) => code);
    expect(failed).to.equal("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  });

  it("speaks HTTP/2 where the host does, and HTTP/1.1 where it does not", async () => {
    const session = await openHttp2(await dial("allowed.test"), "allowed.test", ca);
    const answers = await Promise.all([1, 2, 3].map((number) => ask(session, { ":path": `/${number}`, "X-Own": String(number) })));
    expect(answers.map(({ status, body }) => `${status} ${String(body)}`)).to.deep.equal(["200 answer to /1", "200 answer to /2", "200 answer to /3"]);
    expect(answers[0]?.headers).to.deep.include({ "x-header": "kept", "set-cookie": ["a=1", "b=2"] });
    expect(both.heard.map(({ version, head }) => `${version} ${head}`).sort()).to.deep.equal(["2.0 GET allowed.test/1", "2.0 GET allowed.test/2", "2.0 GET allowed.test/3"]);
    session.close();
    expect(await openHttp2(await dial("old.test"), "old.test", ca).catch(({ message }: Error) => message)).to.equal("it speaks http/1.1");
    expect(await send(get("/", close, "old.test"), "old.test")).to.match(/^HTTP\/1.1 200 OK/);
  });

  it("passes bodies, big answers, empty ones and trailers, compressed ones as they are", async () => {
    const session = await openHttp2(await dial("allowed.test"), "allowed.test", ca);
    const upload = "u".repeat(3_000_000);
    expect(String((await ask(session, { ":method": "POST", ":path": "/up" }, upload)).body)).to.equal("answer to /up and 3000000 bytes");
    expect((await ask(session, { ":path": "/big" })).body.length).to.equal(8 * 1024 * 1024);
    expect(await ask(session, { ":path": "/empty" })).to.include({ status: 204, reset: 0 });
    expect((await ask(session, { ":path": "/big", ":method": "HEAD" })).status).to.equal(200);
    expect((await ask(session, { ":path": "/trailers" })).trailers).to.include({ "x-after": "the body" });
    const zipped = await ask(session, { ":path": "/gzip" });
    expect(zipped.body.equals(ZIPPED)).to.equal(true);
    expect(zipped.headers).to.include({ "content-encoding": "gzip", "content-length": String(ZIPPED.length) });
    const sent = session.request({ ":method": "POST", ":path": "/with-trailers" }, { waitForTrailers: true });
    sent.on("wantTrailers", () => sent.sendTrailers({ "x-mine": "1" }));
    sent.end("body");
    expect((await answerOf(sent)).status).to.equal(200);
    expect(both.heard.at(-1)?.body).to.equal("body");
    expect(both.heard.at(-1)?.trailers).to.include({ "x-mine": "1" });
    session.close();
    expect((await send(get("/big"))).length).to.be.greaterThan(8 * 1024 * 1024);
    expect(await send(get("/trailers"))).to.match(/\r\nx-after: the body\r\n\r\n$/i);
  });

  for (const protocol of ["HTTP/2", "HTTP/1.1"]) {
    it(`passes events one by one as they come, by ${protocol}`, async () => {
      let said = "";
      let heard: Promise<unknown>;
      const stream = protocol === "HTTP/2" ? (await openHttp2(await dial("allowed.test"), "allowed.test", ca)).request({ ":path": "/events" }) : await openTls(await dial("allowed.test"), "allowed.test", ca);
      if (protocol !== "HTTP/2") (stream as Socket).write(get("/events"));
      stream.on("data", (chunk: Buffer) => { said += String(chunk); });
      while (!said.includes("data: first\n\n")) await once(stream, "data");
      for (let count = 1; count <= 3; count += 1) {
        heard = once(stream, "data");
        both.tick();
        await heard;
        expect(said.match(/data: next\n\n/g)).to.have.length(count);
      }
      stream.destroy();
    });
  }

  it("takes TLS off on other ports that a rule names, too", async () => {
    expect(await send(get("/", close, "allowed.test:8443"), "allowed.test", 8443)).to.match(/^HTTP\/1.1 200 OK/);
    expect(both.heard[0]?.head).to.equal("GET allowed.test:8443/");
  });

  it("lets parts put in and take out what the guest never holds, by either protocol", async () => {
    const session = await openHttp2(await dial("allowed.test"), "allowed.test", ca);
    await ask(session, { ":path": "/", authorization: "Bearer placeholder" });
    const { body } = await ask(session, { ":path": "/body", ":method": "POST" }, "my placeholder");
    expect(String(body)).to.equal(`answer to /body and ${`my ${SECRET}`.length} bytes`);
    session.close();
    await send(get("/", `${close}Authorization: Bearer placeholder\r\n`));
    expect(both.heard.map(({ headers }) => headers.authorization)).to.deep.equal([`Bearer ${SECRET}`, undefined, `Bearer ${SECRET}`]);
    expect(both.heard[1]?.body).to.equal(`my ${SECRET}`);
  });

  it("refuses by part, in words and before the host hears of it; other streams go on", async () => {
    const session = await openHttp2(await dial("allowed.test"), "allowed.test", ca);
    const late = session.request({ ":method": "POST", ":path": "/late" });
    late.write("a bad thing");
    const outcomes = await Promise.all([
      answerOf(late), ask(session, { ":path": "/refused" }), ask(session, { ":path": "/throws" }), ask(session, { ":path": "/", ":method": "DELETE" }), ask(session, { ":path": "/fine" }),
    ]);
    expect(outcomes.map(({ status, body }) => `${status} ${String(body)}`)).to.deep.equal([
      "422 a bad word\n", "451 not this path\n", '502 the plugin "tester" failed in "request"\n', "403 cloche refuses this request to allowed.test: tester: nothing is deleted\n", "200 answer to /fine",
    ]);
    session.close();
    expect(both.heard.map(({ head }) => head)).to.deep.equal(["GET allowed.test/fine"]);
    expect(both.arrived).to.not.include("/late");
  });

  it("refuses a Host or authority that is another name, on either protocol, and later requests on the same connection", async () => {
    const session = await openHttp2(await dial("allowed.test"), "allowed.test", ca);
    const misdirected = "cloche refuses this request to allowed.test: its Host is denied.test\n";
    expect(await ask(session, { ":path": "/", ":authority": "denied.test" })).to.deep.include({ status: 421, body: Buffer.from(misdirected) });
    expect((await ask(session, { ":path": "/", ":authority": "allowed.test", host: "denied.test" })).status).to.equal(403);
    expect((await ask(session, { ":path": "/", ":authority": "allowed.test", host: "allowed.test" })).status).to.equal(200);
    expect((await ask(session, { ":path": "/", ":authority": "untouched.test" })).status).to.equal(421);
    session.close();
    const said = await send(get("/1", "") + get("/2", "", "denied.test") + get("/3"));
    expect(said).to.match(/^HTTP\/1.1 200 OK[^]*answer to \/1HTTP\/1.1 421 Misdirected Request[^]*its Host is denied.test\n$/);
    expect(both.heard.map(({ head }) => head)).to.deep.equal(["GET allowed.test/", "GET allowed.test/1"]);
    expect(egress.audit().filter(({ kind, name }) => kind === "request" && name === "allowed.test").map(({ why }) => why)).to.include("its Host is denied.test");
  });

  it("does not follow where the host points", async () => {
    expect(await send(get("/redirect"))).to.match(/^HTTP\/1.1 302 [^]*location: https:\/\/denied.test\//i);
    expect(both.heard.map(({ head }) => head)).to.deep.equal(["GET allowed.test/redirect"]);
  });

  for (const [what, bytes] of Object.entries({
    "a length and chunks": "POST / HTTP/1.1\r\nHost: allowed.test\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n",
    "two lengths": "POST / HTTP/1.1\r\nHost: allowed.test\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nhello",
    "two Hosts": "GET / HTTP/1.1\r\nHost: allowed.test\r\nHost: denied.test\r\n\r\n",
    "an absolute target": "GET https://denied.test/ HTTP/1.1\r\nHost: allowed.test\r\n\r\n",
    "a folded header": "GET / HTTP/1.1\r\nHost: allowed.test\r\nX: a\r\n b\r\n\r\n",
    "CONNECT": "CONNECT denied.test:443 HTTP/1.1\r\nHost: allowed.test\r\n\r\n",
    "an oversized head": `GET / HTTP/1.1\r\nHost: allowed.test\r\nX: ${"a".repeat(20_000)}\r\n\r\n`,
    "HTTP/2 that was not agreed": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "something else": "SSH-2.0-OpenSSH\r\n",
  })) {
    it(`lets nothing through with ${what}`, async () => {
      expect(await send(bytes)).to.match(/^(HTTP\/1.1 4\d\d [^]*)?$/);
      expect(both.heard).to.deep.equal([]);
    });
  }

  it("passes a WebSocket, and offers to change to h2c as ordinary requests", async () => {
    const socket = await openTls(await dial("allowed.test"), "allowed.test", ca);
    let said = "";
    socket.on("data", (chunk: Buffer) => { said += String(chunk); });
    socket.write(get("/chat", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n"));
    while (!said.includes("first;")) await once(socket, "data");
    socket.write("one");
    while (!said.includes("echo one;")) await once(socket, "data");
    socket.destroy();
    expect(both.heard[0]?.headers).to.include({ upgrade: "websocket", "sec-websocket-key": "x" });
    expect(await send(get("/u", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nConnection: Upgrade, HTTP2-Settings, close\r\n"))).to.match(/^HTTP\/1.1 200 OK/);
    expect(both.heard[1]?.headers).to.not.have.any.keys("upgrade", "http2-settings");
  });

  it("never trusts for the guest what the host would not, and says so", async () => {
    for (const [name, why] of [["stranger.test", /cannot be trusted[^]*(unable to verify|self-signed)/], ["wrong.test", /cannot be trusted[^]*does not match/], ["gone.test", /cannot be reached at 127.0.0.1/]] as const) {
      expect(await send(get("/", close, name), name)).to.match(/^HTTP\/1.1 502 [^]*cloche cannot reach/).and.match(why);
      const session = await openHttp2(await dial(name), name, ca).catch(({ message }: Error) => message);
      expect(session).to.equal("it speaks http/1.1");
    }
    expect([...bad.heard, ...wrong.heard]).to.deep.equal([]);
  });

  it("refuses TLS for another name before it speaks any itself", async () => {
    const failed = await openTls(await dial("allowed.test"), "denied.test", ca).catch(({ code }: NodeJS.ErrnoException) => code);
    expect(failed).to.equal("ERR_SSL_TLSV1_UNRECOGNIZED_NAME");
  });

  it("says in the audit when a client does not trust it", async () => {
    await openTls(await dial("allowed.test"), "allowed.test", certificate.ca).catch(() => undefined);
    const lines = () => egress.audit().filter(({ kind, why }) => kind === "connection" && String(why).includes("may not trust"));
    while (lines().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(lines()[0]).to.include({ name: "allowed.test", verdict: "failed" });
  });
});
