import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { expect } from "chai";
import { message, records } from "../../support/hello.ts";
import { AddressBook } from "../../../../../plugins/egress/addresses/address-book.ts";
import type { Doorkeeper, Outcome, Relay } from "../../../../../plugins/egress/gateway/connections/door.ts";
import { NO_INTERCEPTION } from "../../../../../plugins/egress/gateway/connections/interception.ts";
import { relayHttp } from "../../../../../plugins/egress/gateway/connections/http.ts";
import { relayTls } from "../../../../../plugins/egress/gateway/connections/tls.ts";
import { Parts } from "../../../../../plugins/egress/gateway/parts/parts.ts";
import { canonicalName } from "../../../../../plugins/egress/names/canonical-name.ts";
import { Asker } from "../../../../../plugins/egress/gateway/asking/asker.ts";
import { OpenConnections } from "../../../../../plugins/egress/gateway/connections/open-connections.ts";
import { policyAllowing } from "../../support/policy.ts";

const NAME = canonicalName("allowed.test") ?? expect.fail("no name");
const [firstHeadMs, nextHeadMs] = [300, 600];

describe("A client that keeps the gateway waiting", () => {
  let listener: Server;
  let dialled = 0;
  const sockets: Socket[] = [];

  before(async () => {
    listener = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
    await once(listener, "listening");
  });
  beforeEach(() => { dialled = 0; });
  after(() => {
    for (const socket of sockets) socket.destroy();
    listener.close();
  });

  /** A web server's side of what the gateway dials: answers every request a while after it came whole. */
  async function outside(answerAfterMs: number): Promise<Socket> {
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {}).on("data", () => void setTimeout(() => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"), answerAfterMs));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    await once(socket, "connect");
    server.close();
    return socket;
  }

  /** A guest's connection, served by the relay; both ends of it. */
  async function serve(relay: Relay, port: number, answerAfterMs = 0): Promise<{ readonly client: Socket; readonly heard: () => string; readonly outcome: Promise<Outcome> }> {
    const accepted = once(listener, "connection") as Promise<[Socket]>;
    const client = connect((listener.address() as AddressInfo).port, "127.0.0.1");
    let heard = "";
    client.on("error", () => {}).on("data", (chunk: Buffer) => { heard += chunk.toString("latin1"); });
    const [guest] = await accepted;
    guest.on("error", () => {});
    sockets.push(client, guest);
    const keeper: Doorkeeper = {
      policy: policyAllowing(NAME),
      parts: new Parts(),
      interception: NO_INTERCEPTION,
      addresses: new AddressBook([]),
      asker: new Asker({ timeoutMs: 1_000, onAsked() {} }),
      open: new OpenConnections(),
      audit: { record() {} },
      deadlines: { firstHeadMs, nextHeadMs },
      async dial() {
        dialled += 1;
        return { socket: await outside(answerAfterMs), address: "127.0.0.1" };
      },
    };
    return { client, heard: () => heard, outcome: relay(guest, { name: NAME, port, why: "test", intercepted: false }, keeper) };
  }

  /** Sends a byte every now and then until the connection is closed; answers for how long that went, in ms. */
  async function trickle(client: Socket, bytes: Buffer): Promise<number> {
    const began = performance.now();
    let at = 0;
    const timer = setInterval(() => client.write(bytes.subarray(at, (at += 1))), 30);
    await new Promise((resolve) => client.once("close", resolve));
    clearInterval(timer);
    return performance.now() - began;
  }

  it("is cut off when its ClientHello does not come, silent or byte by byte, and nothing is dialled", async () => {
    const silent = await serve(relayTls, 443);
    const slow = await serve(relayTls, 443);
    expect(await trickle(slow.client, records(message()))).to.be.within(firstHeadMs - 50, firstHeadMs + 1500);
    for (const { outcome } of [silent, slow]) expect(await outcome).to.deep.equal({ verdict: "refused", why: "no ClientHello came in time" });
    expect(dialled).to.equal(0);
  });

  it("is cut off when the head of its request does not come, silent or byte by byte, and nothing is dialled", async () => {
    const silent = await serve(relayHttp, 80);
    const slow = await serve(relayHttp, 80);
    expect(await trickle(slow.client, Buffer.from(`GET / HTTP/1.1\r\nHost: ${NAME}\r\nX: ${"x".repeat(500)}`))).to.be.within(firstHeadMs - 50, firstHeadMs + 1500);
    for (const { outcome } of [silent, slow]) expect(await outcome).to.include({ verdict: "failed", why: "no request was passed on" });
    expect(dialled).to.equal(0);
  });

  it("is cut off when no request follows an answer", async () => {
    const { client, heard, outcome } = await serve(relayHttp, 80);
    client.write(`GET / HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`);
    const began = performance.now();
    expect(await outcome).to.include({ verdict: "allowed" });
    expect(performance.now() - began).to.be.within(nextHeadMs - 50, nextHeadMs + 1500);
    expect(heard()).to.match(/200 OK[^]*ok$/);
  });

  it("waits for the host as long as that takes, for each of the requests that it sent ahead", async () => {
    const { client, heard, outcome } = await serve(relayHttp, 80, nextHeadMs * 0.7);
    const get = `GET / HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`;
    client.write(get.repeat(4));
    expect(await outcome).to.include({ verdict: "allowed" });
    expect(heard().match(/200 OK/g)).to.have.length(4);
    expect(dialled).to.equal(1);
  });

  it("is cut off when it sends more requests ahead than anyone does", async () => {
    const { client, outcome } = await serve(relayHttp, 80, 60_000);
    client.write(`GET / HTTP/1.1\r\nHost: ${NAME}\r\n\r\n`.repeat(33));
    expect(await outcome).to.have.property("verdict");
    expect(dialled).to.equal(1);
  }).timeout(2_000);
});
