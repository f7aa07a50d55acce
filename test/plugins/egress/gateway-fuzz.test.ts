import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { expect } from "chai";
import fc from "fast-check";
import { startEgress, type TestEgress } from "./support/egress.ts";

const QUIET_MS = 150;

/** Pieces of requests as smugglers arrange them. */
const PIECES = [
  "GET / HTTP/1.1\r\n", "POST /x HTTP/1.1\r\n", "GET http://denied.test/ HTTP/1.1\r\n", "GET //denied.test/ HTTP/1.1\r\n", "CONNECT denied.test:443 HTTP/1.1\r\n", "GET / HTTP/1.0\r\n", "GET / HTTP/0.9\r\n",
  "Host: allowed.test\r\n", "Host: denied.test\r\n", "host:denied.test\r\n", "Host : allowed.test\r\n", " Host: denied.test\r\n", "Host: allowed.test\n", "Host: allowed.test\r", "Host:\r\n allowed.test\r\n",
  "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Content-Length: +5\r\n", "Content-Length: 5, 5\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: identity, chunked\r\n",
  "Connection: keep-alive\r\n", "Connection: close, Host\r\n", "Upgrade: h2c\r\nConnection: Upgrade\r\n", "Expect: 100-continue\r\n", "X: \0\r\n", "X: \u00ff\r\n", "X-Long: " + "a".repeat(20_000) + "\r\n",
  "\r\n", "\n", "hello", "0\r\n\r\n", "5\r\nhello\r\n", "ffffffffffffffff1\r\n", "5;x=y\r\nhello\r\n0\r\nHost: denied.test\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x00\x05",
];

describe("The gateway, given anything at all for plain HTTP", function () {
  this.timeout(60_000);
  let origin: Server;
  let egress: TestEgress;
  let address: string;
  const seen: { readonly hosts: readonly string[]; readonly url: string }[] = [];

  before(async () => {
    origin = createServer((asked, answer) => {
      const hosts = asked.rawHeaders.filter((_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === "host");
      seen.push({ hosts, url: asked.url ?? "" });
      asked.resume();
      answer.end("ok");
    }).listen(0, "127.0.0.1");
    await once(origin, "listening");
    egress = await startEgress(["allowed.test"], [{ target: "allowed.test:80", address: "127.0.0.1", port: (origin.address() as AddressInfo).port }]);
    address = await egress.addressOf("allowed.test");
  });
  after(async () => {
    origin.close();
    origin.closeAllConnections();
    await egress.end();
  });

  async function send(text: string): Promise<void> {
    const socket: Socket = await egress.inside.tcp(address, 80);
    // a head that is not finished would be waited for
    const timer = setTimeout(() => socket.destroy(), QUIET_MS);
    socket.on("error", () => {}).on("data", () => timer.refresh());
    socket.write(Buffer.from(text, "latin1"));
    await new Promise((resolve) => socket.once("close", resolve).once("end", resolve));
    clearTimeout(timer);
    socket.destroy();
  }

  it("passes on nothing but requests with the one Host and a path", async () => {
    const arranged = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 14 }).map((pieces) => pieces.join(""));
    const began = fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => `GET / HTTP/1.1\r\nHost: allowed.test\r\n${pieces.join("")}`);
    await fc.assert(fc.asyncProperty(fc.oneof(arranged, began, fc.string({ unit: "binary-ascii", maxLength: 200 })), send), { numRuns: 150, endOnFailure: true });
    await send("GET /control HTTP/1.1\r\nHost: allowed.test\r\nConnection: close\r\n\r\n");
    expect(seen.some(({ url }) => url === "/control")).to.equal(true);
    for (const { hosts, url } of seen) {
      expect(hosts).to.deep.equal(["allowed.test"]);
      expect(url).to.match(/^(\/|\*$)/).and.not.match(/^\/\/denied/);
    }
  });
});
