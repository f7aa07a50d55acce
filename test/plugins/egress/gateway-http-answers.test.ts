import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { expect } from "chai";
import { startEgress, type TestEgress } from "./support/egress.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("What an allowed host answers to plain HTTP", () => {
  let host: Server;
  let egress: TestEgress;
  let answers: string[] = [];
  const asked: string[] = [];
  const sockets: Socket[] = [];

  before(async () => {
    host = createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      socket.on("data", (chunk: Buffer) => {
        asked.push(chunk.toString("latin1"));
        const answer = answers.shift() ?? OK;
        if (answer === "close") socket.destroy();
        else socket.write(answer, "latin1");
      });
    }).listen(0, "127.0.0.1");
    await once(host, "listening");
    const { port } = host.address() as AddressInfo;
    egress = await startEgress(["allowed.test"], [{ target: "allowed.test:80", address: "127.0.0.1", port }]);
  });
  beforeEach(() => { asked.length = 0; });
  after(async () => {
    await egress.end();
    for (const socket of sockets) socket.destroy();
    host.close();
  });

  /** Sends bytes on a new connection; answers all that comes until it is closed or says nothing more for a while. */
  async function send(bytes: string, quietMs = 1_500): Promise<string> {
    const socket = await egress.inside.tcp(await egress.addressOf("allowed.test"), 80);
    let heard = "";
    socket.on("error", () => {}).on("data", (chunk: Buffer) => { heard += chunk.toString("latin1"); });
    socket.write(bytes, "latin1");
    await new Promise((resolve) => {
      socket.once("close", resolve).once("end", resolve);
      socket.setTimeout(quietMs, () => resolve(undefined));
    });
    socket.destroy();
    return heard;
  }

  const GET = "GET / HTTP/1.1\r\nHost: allowed.test\r\nConnection: close\r\n\r\n";

  for (const [what, answer] of Object.entries({
    "a reason with control characters": "HTTP/1.1 200 O\u0001K\u007f\r\nContent-Length: 2\r\n\r\nok",
    "a reason beyond ASCII": "HTTP/1.1 200 \u00fc\r\nContent-Length: 2\r\n\r\nok",
    "no reason": "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok",
    "status 000": "HTTP/1.1 000 X\r\nContent-Length: 2\r\n\r\nok",
    "status 099": "HTTP/1.1 099 X\r\nContent-Length: 2\r\n\r\nok",
    "status 101": "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nSSH-2.0",
    "status 103 for ever": "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n".repeat(1000),
    "status 199": "HTTP/1.1 199 X\r\n\r\n",
    "status 999": "HTTP/1.1 999 X\r\nContent-Length: 2\r\n\r\nok",
    "status 204 with a body": "HTTP/1.1 204 X\r\nContent-Length: 2\r\n\r\nok",
    "two lengths": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
    "a length and chunks": "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a bad chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a header with control characters": "HTTP/1.1 200 OK\r\nX: a\u0001b\u007f\r\nContent-Length: 2\r\n\r\nok",
    "a header beyond ASCII": "HTTP/1.1 200 OK\r\nX: \u00fc\r\nContent-Length: 2\r\n\r\nok",
    "a header without a name": "HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 2\r\n\r\nok",
    "a trailer that nobody announced": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: a\r\n\r\n",
    "an announced trailer": "HTTP/1.1 200 OK\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: a\r\n\r\n",
    "an oversized head": `HTTP/1.1 200 OK\r\nX: ${"a".repeat(100_000)}\r\n\r\n`,
    "HTTP/1.0": "HTTP/1.0 200 OK\r\n\r\nok",
    "HTTP/9.9": "HTTP/9.9 200 OK\r\n\r\nok",
    "two answers to one question": OK + OK,
    "no HTTP": "SSH-2.0-OpenSSH\r\n",
    "nothing but zeros": "\0".repeat(1000),
  })) {
    it(`does not hurt the gateway with ${what}`, async () => {
      answers = [answer];
      const said = await send(GET);
      expect(said).to.match(/^(HTTP\/1\.1 \d{3} [^]*)?$/);
      expect(asked.length).to.be.within(1, 2);
      answers = [];
      expect(await send(GET)).to.match(/^HTTP\/1\.1 200 OK[^]*ok$/);
    });
  }

  it("that nobody asked for, a change of protocol, is told to the guest as a failure", async () => {
    answers = ["HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nSSH-2.0"];
    expect(await send(GET)).to.match(/^HTTP\/1\.1 502 [^]*cloche cannot reach allowed.test: its answer is not HTTP/);
  });

  it("cannot cut off a request with a body and have the rest of it taken for another", async () => {
    // the host closes the kept connection instead of answering a second time
    const body = "GET /smuggled HTTP/1.1\r\nHost: denied.test\r\n\r\n";
    answers = [OK, "close"];
    const said = await send(`${GET.replace("Connection: close\r\n", "")}GET /x HTTP/1.1\r\nHost: allowed.test\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    expect(said).to.match(/200 OK[^]*HTTP\/1\.1 502 /);
    expect(asked.filter((text) => text.startsWith("GET /x"))).to.have.length(1);
  });

  it("is not asked for by a request that Node would read and not write", async () => {
    for (const byte of Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).filter((one) => one !== "\r" && one !== "\n")) {
      answers = [];
      const [path, method, name, value] = [`GET /a${byte}b`, `G${byte}T /`, `X${byte}Y: z`, `X: y${byte}z`];
      for (const first of [path, method]) await send(`${first} HTTP/1.1\r\nHost: allowed.test\r\nConnection: close\r\n\r\n`);
      for (const header of [name, value]) await send(`GET / HTTP/1.1\r\nHost: allowed.test\r\nConnection: close\r\n${header}\r\n\r\n`);
    }
    expect(await send(GET)).to.match(/^HTTP\/1\.1 200 OK[^]*ok$/);
  }).timeout(60_000);
});
