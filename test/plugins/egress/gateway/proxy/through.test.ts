import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { expect } from "chai";
import { makeDial, type Dialled } from "../../../../../plugins/egress/gateway/dial.ts";
import { trustAlso } from "../../../../../plugins/egress/gateway/extra-authorities.ts";
import { hostAuthorities } from "../../../../../plugins/egress/gateway/host-authorities.ts";
import { canonicalName } from "../../../../../plugins/egress/names/canonical-name.ts";
import { Policy } from "../../../../../plugins/egress/policy/policy.ts";
import type { Proxy } from "../../../../../plugins/egress/proxy/settings.ts";
import { makeCertificate } from "../../support/certificates.ts";
import { policyData } from "../../support/policy.ts";

const name = canonicalName("allowed.test") ?? expect.fail("no name");
const { signal } = new AbortController();

describe("Going out through the host's proxy", () => {
  const servers: Server[] = [];
  const said: string[] = [];
  let sockets: Socket[] = [];
  beforeEach(() => { said.length = 0; });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
    for (const server of servers.splice(0)) server.close();
  });

  /** A proxy that answers each piece it hears with the next of its lines; what comes then is heard by the test. */
  async function proxy(answers: readonly (string | Buffer)[], kind: Proxy["kind"] = "http", server = createServer()): Promise<Proxy> {
    const left = [...answers];
    server.on(kind === "https" ? "secureConnection" : "connection", (socket: Socket) => {
      sockets.push(socket);
      socket.on("error", () => {}).on("data", (chunk: Buffer) => {
        said.push(chunk.toString("latin1"));
        const answer = left.shift();
        if (answer !== undefined) socket.write(answer);
        else if (answers.length === 0) socket.end();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    servers.push(server);
    return { kind, host: "127.0.0.1", port: (server.address() as AddressInfo).port };
  }

  async function dialBy(by: Proxy, { except = [] as string[], resolve = async (): Promise<string[]> => { throw new Error("ENOTFOUND"); }, port = 443 } = {}): Promise<Dialled> {
    const policy = new Policy(policyData({ allow: ["allowed.test"] }));
    const dialled = await makeDial({ policy, upstreams: [], resolve, proxies: { secure: by, except } })(name, port, signal);
    if ("socket" in dialled) sockets.push(dialled.socket);
    return dialled;
  }

  async function firstBytes(dialled: Dialled): Promise<string> {
    if ("why" in dialled) return expect.fail(dialled.why);
    const [chunk] = (await once(dialled.socket.resume(), "data")) as [Buffer];
    return chunk.toString();
  }

  it("asks for the name, gives its login to the proxy, and passes on what came right behind the answer", async () => {
    const by = { ...(await proxy(["HTTP/1.1 200 OK\r\nVia: x\r\n\r\nhello"])), login: { user: "me", password: "secret" } };
    const dialled = await dialBy(by);
    expect(dialled).to.include({ address: "", via: `127.0.0.1:${by.port}` });
    expect(await firstBytes(dialled)).to.equal("hello");
    expect(said).to.deep.equal([`CONNECT allowed.test:443 HTTP/1.1\r\nHost: allowed.test:443\r\nProxy-Authorization: Basic ${Buffer.from("me:secret").toString("base64")}\r\n\r\n`]);
  });

  it("speaks SOCKS 5, by name and with a login", async () => {
    const by = { ...(await proxy([Buffer.from([5, 2]), Buffer.from([1, 0]), Buffer.from("\x05\x00\x00\x03\x01xppok", "latin1")], "socks5")), login: { user: "me", password: "pw" } };
    expect(await firstBytes(await dialBy(by))).to.equal("ok");
    expect(said).to.deep.equal(["\x05\x01\x02", "\x01\x02me\x02pw", "\x05\x01\x00\x03\x0callowed.test\x01\xbb"]);
  });

  it("reaches a proxy over TLS when its certificate comes from whom the host trusts", async () => {
    const { ca, cert, key } = makeCertificate(["localhost"]);
    const server = createTlsServer({ cert, key });
    const by = { ...(await proxy(["HTTP/1.1 200 OK\r\n\r\nhello"], "https", server)), host: "localhost" };
    expect(await dialBy(by)).to.have.property("why").that.matches(/certificate/);
    trustAlso([ca]);
    try {
      expect(hostAuthorities()).to.include(ca);
      expect(await dialBy({ ...by, host: "127.0.0.1" })).to.have.property("why").that.matches(/altnames/); // the name is checked too
      expect(await firstBytes(await dialBy(by))).to.equal("hello");
    } finally {
      trustAlso([]);
    }
  });

  const failures: readonly (readonly [what: string, kind: Proxy["kind"], answers: readonly (string | Buffer)[], why: RegExp])[] = [
    ["a no", "http", ["HTTP/1.1 403 Forbidden\r\n\r\n"], /: the proxy answered 403$/],
    ["no HTTP", "http", ["SSH-2.0-x\r\n\r\n"], /not HTTP/],
    ["too much", "http", ["x".repeat(40_000)], /says too much/],
    ["nothing", "http", [], /hung up/],
    ["another protocol", "socks5", ["HTTP/1.1 400\r\n\r\n"], /SOCKS/],
    ["a wish for a login", "socks5", [Buffer.from([5, 2])], /wants a login/],
    ["a no by SOCKS", "socks5", [Buffer.from([5, 0]), Buffer.from([5, 2, 0, 1])], /does not allow it/],
  ];
  for (const [what, kind, answers, why] of failures) {
    it(`says what the proxy answered: ${what}`, async () => {
      expect(await dialBy(await proxy(answers, kind))).to.have.property("why").that.matches(why);
    });
  }

  it("still refuses a name that leads to a special address where the host can see that, and contacts nobody", async () => {
    const by = await proxy(["HTTP/1.1 200 OK\r\n\r\n"]);
    expect(await dialBy(by, { resolve: async () => ["169.254.169.254"] })).to.deep.equal({ why: "resolves to 169.254.169.254, which is metadata", refused: true });
    expect(said).to.deep.equal([]);
    expect(await dialBy(by, { resolve: async () => ["93.184.216.34"] })).to.have.property("address", "93.184.216.34");
  });

  it("goes directly to what NO_PROXY names", async () => {
    const by = await proxy(["HTTP/1.1 200 OK\r\n\r\n"]);
    expect(await dialBy(by, { except: [".test"] })).to.have.property("why", "cannot be resolved: ENOTFOUND");
    expect(said).to.deep.equal([]);
  });
});
