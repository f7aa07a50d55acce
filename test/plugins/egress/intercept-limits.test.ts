import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { constants } from "node:http2";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { expect } from "chai";
import { makeCertificate } from "./support/certificates.ts";
import { answerOf, ask, exchange, openHttp2, openTls } from "./support/clients.ts";
import { startEgress, type TestEgress } from "./support/egress.ts";
import { message, records, serverName } from "./support/hello.ts";
import { webWitness, type WebWitness } from "./support/web-witness.ts";

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
const [HEADERS, SETTINGS, PING, CONTINUATION, RST_STREAM] = [1, 4, 6, 9, 3];
const END_HEADERS = 4;
const END_STREAM = 1;

function frame(type: number, flags: number, stream: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** A header block that is written out, without tables or Huffman's code (RFC 7541 6.2.2). */
function block(fields: Readonly<Record<string, string>>): Buffer {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value, "latin1");
    return Buffer.concat([bytes.length < 127 ? Buffer.from([bytes.length]) : Buffer.from([127, ((bytes.length - 127) & 127) | 128, (bytes.length - 127) >> 7]), bytes]);
  };
  return Buffer.concat(Object.entries(fields).map(([name, value]) => Buffer.concat([Buffer.from([0]), text(name), text(value)])));
}

const REQUEST = { ":method": "GET", ":scheme": "https", ":authority": "seen.test", ":path": "/" };

describe("The limits of interception", () => {
  const certificate = makeCertificate(["seen.test"]);
  let web: WebWitness;
  let egress: TestEgress;
  let ca: string;
  let address: string;

  before(async () => {
    web = await webWitness(certificate);
    const upstream = { target: "seen.test:443", address: "127.0.0.1", port: web.port, ca: certificate.ca };
    egress = await startEgress({ allow: [{ host: "seen.test", methods: ["GET", "POST"] }] }, [upstream]);
    ca = egress.authority ?? expect.fail("no authority");
    address = await egress.addressOf("seen.test");
  });
  beforeEach(() => { web.heard.length = 0; });
  after(async () => {
    await egress.end();
    await web.end();
  });

  const dial = async (): Promise<Socket> => await egress.inside.tcp(address, 443);

  /** HTTP/2 in the raw, up to the first settings. */
  async function raw(): Promise<TLSSocket> {
    const tls = await openTls(await dial(), "seen.test", ca, ["h2"]);
    tls.write(Buffer.concat([PREFACE, frame(SETTINGS, 0, 0)]));
    await once(tls, "data");
    return tls.resume();
  }

  /** Writes until the other side ends it or takes no more; at most so many times. Answers how often. */
  async function flood(tls: TLSSocket, most: number, piece: (turn: number) => Buffer): Promise<number> {
    let over = false;
    const end = new Promise((resolve) => {
      for (const event of ["end", "close", "error"]) tls.once(event, resolve);
    }).then(() => { over = true; });
    for (let turn = 0; turn < most; turn += 1) {
      if (over) return turn;
      if (!tls.write(piece(turn))) {
        const drained = new Promise((resolve) => tls.once("drain", resolve));
        if ((await Promise.race([drained, end, sleep(2_000, "held back")])) === "held back") return turn;
      }
      if (turn % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.race([end, sleep(2_000)]);
    return over ? most - 1 : most;
  }

  async function expectItLives(): Promise<void> {
    const session = await openHttp2(await dial(), "seen.test", ca);
    expect((await ask(session, { ":path": "/alive" })).status).to.equal(200);
    session.close();
  }

  it("are kept by a rule alone, which sees method and path on either protocol", async () => {
    const session = await openHttp2(await dial(), "seen.test", ca);
    const { status, body } = await ask(session, { ":path": "/x", ":method": "PUT" }, "body");
    expect(`${status} ${String(body)}`).to.match(/^403 cloche refuses this request to seen.test: no rule allows this request/);
    expect((await ask(session, { ":path": "/y" })).status).to.equal(200);
    session.close();
    const tls = await openTls(await dial(), "seen.test", ca);
    expect(await exchange(tls, "DELETE /z HTTP/1.1\r\nHost: seen.test\r\n\r\n")).to.match(/^HTTP\/1.1 403 /);
    expect(web.heard.map(({ head }) => head)).to.deep.equal(["GET seen.test/y"]);
  });

  it("end a flood of CONTINUATION frames", async () => {
    const tls = await raw();
    const junk = Buffer.alloc(1_000, 0);
    tls.write(frame(HEADERS, 0, 1, block(REQUEST)));
    expect(await flood(tls, 20_000, () => frame(CONTINUATION, 0, 1, junk))).to.be.lessThan(20_000);
    expect(web.heard).to.deep.equal([]);
    await expectItLives();
  }).timeout(20_000);

  it("end a flood of streams that are reset as soon as they are opened", async () => {
    const tls = await raw();
    const cancel = Buffer.from([0, 0, 0, constants.NGHTTP2_CANCEL]);
    const turns = await flood(tls, 20_000, (turn) => Buffer.concat([frame(HEADERS, END_HEADERS | END_STREAM, 2 * turn + 1, block(REQUEST)), frame(RST_STREAM, 0, 2 * turn + 1, cancel)]));
    expect(turns).to.be.lessThan(20_000);
    await expectItLives();
  }).timeout(30_000);

  it("end floods of pings and settings that are never read", async () => {
    for (const [type, body] of [[PING, Buffer.alloc(8)], [SETTINGS, Buffer.alloc(0)]] as const) {
      const tls = await raw();
      tls.pause();
      const before = memory();
      await flood(tls, 100_000, () => Buffer.concat(Array.from({ length: 20 }, () => frame(type, 0, 0, body))));
      expect(memory() - before).to.be.lessThan(60);
      tls.destroy();
    }
    await expectItLives();
  }).timeout(60_000);

  it("refuse heads that are too large or have too many fields", async () => {
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, "1"]));
    const large = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`x-${index}`, "y".repeat(2_000)]));
    for (const headers of [many, large]) {
      const session = await openHttp2(await dial(), "seen.test", ca);
      expect((await answerOf(session.request({ ":path": "/", ...headers }))).status ?? 0).to.not.equal(200);
      session.destroy();
    }
    expect(web.heard).to.deep.equal([]);
    await expectItLives();
  });

  it("hold back what the guest does not read, and what the host does not", async () => {
    const session = await openHttp2(await dial(), "seen.test", ca);
    const stream = session.request({ ":path": "/big" });
    await once(stream, "response");
    await sleep(500); // nobody reads, so there is no event to wait for
    expect(egress.reported.filter((line) => line.includes("gateway:"))).to.deep.equal([]);
    const { body } = await answerOf(stream);
    expect(body.length).to.equal(8 * 1024 * 1024);
    session.close();
  });

  it("close a connection at once when the policy has changed", async () => {
    const session = await openHttp2(await dial(), "seen.test", ca);
    expect((await ask(session, { ":path": "/" })).status).to.equal(200);
    const closed = new Promise((resolve) => session.once("close", resolve));
    await egress.link.ask("policy", { mode: "off", allow: [], deny: [], ask: false });
    await closed;
    await egress.link.ask("policy", egress.live.data);
    expect(egress.audit().findLast(({ kind }) => kind === "connection")).to.include({ name: "seen.test", why: "closed: egress is off" });
    await expectItLives();
  });

  it("end a handshake that is not finished", async () => {
    const socket = await dial();
    socket.on("error", () => {}).resume();
    socket.write(records(message({ extensions: [serverName("seen.test"), [16, Buffer.from([0, 3, 2, 104, 50])]] }))); // names a host, and is no real greeting
    const began = performance.now();
    await Promise.race([once(socket, "end"), once(socket, "close")]);
    expect(performance.now() - began).to.be.lessThan(11_000);
    socket.destroy();
  }).timeout(15_000);

  function memory(): number {
    const [inner = ""] = readFileSync(`/proc/${egress.pid}/task/${egress.pid}/children`, "utf8").trim().split(" ");
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${inner}/status`, "utf8"))?.[1]) / 1000;
  }
});
