import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { expect } from "chai";
import { makeCertificate } from "./support/certificates.ts";
import { message, records, serverName } from "./support/hello.ts";
import { startEgress, type TestEgress } from "./support/egress.ts";
import { soon } from "./support/soon.ts";
import { echoWitness, tlsWitness, type Witness } from "./support/witness.ts";

const certificate = makeCertificate(["allowed.test", "other.test"]);

/** TLS over a connection from inside; answers what came back for "hello", or the error's code. */
async function sayOverTls(dialling: Promise<Socket>, servername: string): Promise<string> {
  const socket = await orCode(dialling);
  if (typeof socket === "string") return socket;
  const tls: TLSSocket = connect({ socket, servername, ca: certificate.ca });
  return await new Promise((resolve) => {
    tls.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    tls.once("secureConnect", () => tls.write("hello"));
    tls.once("data", (chunk: Buffer) => {
      resolve(String(chunk));
      tls.destroy();
    });
  });
}

/** Sends bytes and answers all that came back, or the error's code. */
async function say(dialling: Promise<Socket>, bytes: string | Buffer): Promise<string> {
  const socket = await orCode(dialling);
  if (typeof socket === "string") return socket;
  let heard = "";
  socket.on("data", (chunk: Buffer) => { heard += chunk.toString("latin1"); });
  socket.end(bytes);
  return await new Promise((resolve) => {
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once("end", () => resolve(heard));
  });
}

/** A reset may come before the connection is even handed over; it means the same then. */
async function orCode(dialling: Promise<Socket>): Promise<Socket | string> {
  return await dialling.catch((error: NodeJS.ErrnoException) => error.code ?? error.message);
}

describe("The gateway", () => {
  let tls: Witness;
  let tcp: Witness;
  let egress: TestEgress;

  before(async () => {
    tls = await tlsWitness(certificate);
    tcp = await echoWitness();
    const to = (target: string, { port }: Witness) => ({ target, address: "127.0.0.1", port });
    const upstreams = [
      to("allowed.test:443", tls), to("other.test:443", tls), to("only-echo.test:443", tls),
      to("only-echo.test:7", tcp), to("allowed.test:22", tcp), to("denied.test:443", tls),
    ];
    egress = await startEgress(["allowed.test", "allowed.test:22", "other.test", "only-echo.test:7"], upstreams);
  });

  after(async () => {
    await egress.end();
    await tls.end();
    await tcp.end();
  });

  async function dial(name: string, port: number): Promise<Socket> {
    return await egress.inside.tcp(await egress.addressOf(name), port);
  }

  it("lets TLS through to an allowed name, and writes it down", async () => {
    expect(await sayOverTls(dial("allowed.test", 443), "allowed.test")).to.equal("hello");
    expect(tls.heard()).to.equal("hello");
    const line = await soon(() => egress.audit().find(({ verdict }) => verdict === "allowed"));
    expect(line).to.include({ kind: "connection", session: "test", name: "allowed.test", port: 443, address: "127.0.0.1", why: "allowed by egress.allow" });
    expect(line["sent"]).to.be.greaterThan(200);
    expect(line["received"]).to.be.greaterThan(500);
  });

  for (const [what, servername] of [["another allowed name", "other.test"], ["a denied name", "denied.test"]] as const) {
    it(`refuses TLS that asks for ${what} than the one that was dialled, with an alert that says so`, async () => {
      const before = tls.connections();
      expect(await sayOverTls(dial("allowed.test", 443), servername)).to.equal("ERR_SSL_TLSV1_UNRECOGNIZED_NAME");
      expect(tls.connections()).to.equal(before);
    });
  }

  it("refuses TLS that asks for no name", async () => {
    const before = tls.connections();
    expect(await sayOverTls(dial("allowed.test", 443), "")).to.equal("ERR_SSL_TLSV1_UNRECOGNIZED_NAME");
    expect(tls.connections()).to.equal(before);
  });

  it("lets TLS through that hides a second name, as browsers always do, and goes by the open one", async () => {
    const before = tls.connections();
    const encrypted: [number, Buffer] = [0xfe0d, Buffer.alloc(32)];
    const hello = (...extensions: [number, Buffer][]) => records(message({ extensions }));
    const refused = String.fromCharCode(21, 3, 3, 0, 2, 2, 112);
    expect(await say(dial("allowed.test", 443), hello(encrypted))).to.equal(refused);
    expect(await say(dial("allowed.test", 443), hello(serverName("other.test"), encrypted))).to.equal(refused);
    expect(tls.connections()).to.equal(before);
    // it gets as far as the server, which does not like the rest of it
    expect(await say(dial("allowed.test", 443), hello(serverName("allowed.test"), encrypted))).to.not.equal(refused).and.not.equal("");
    expect(tls.connections()).to.equal(before + 1);
  });

  it("refuses a name with a trailing dot, which TLS does not have", async () => {
    const before = tls.connections();
    const hello = records(message({ extensions: [serverName("allowed.test.")] }));
    expect(await say(dial("allowed.test", 443), hello)).to.equal(String.fromCharCode(21, 3, 3, 0, 2, 2, 112));
    expect(tls.connections()).to.equal(before);
  });

  it("lets a ClientHello through that comes byte by byte", async () => {
    const before = tls.connections();
    const socket = await dial("allowed.test", 443);
    const hello = records(message(), 10);
    for (const byte of hello) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await once(socket, "readable");
    expect(tls.connections()).to.equal(before + 1);
    socket.destroy();
  });

  it("refuses what is not TLS on port 443", async () => {
    const before = tls.connections();
    expect(await say(dial("allowed.test", 443), "GET / HTTP/1.1\r\nHost: allowed.test\r\n\r\n")).to.equal("ECONNRESET");
    expect(tls.connections()).to.equal(before);
  });

  it("passes any protocol on a port that a rule names, and half-closes it as the two sides do", async () => {
    expect(await say(dial("only-echo.test", 7), "ping")).to.equal("ping");
    expect(await say(dial("allowed.test", 22), "SSH-2.0-x")).to.equal("SSH-2.0-x");
    expect(tcp.heard()).to.equal("pingSSH-2.0-x");
  });

  it("refuses a port that no rule names for this name, listening or not", async () => {
    const before = [tls.connections(), tcp.connections()];
    expect(await sayOverTls(dial("only-echo.test", 443), "only-echo.test")).to.equal("ECONNRESET");
    expect(await say(dial("allowed.test", 7), "ping")).to.equal("ECONNRESET");
    expect(await orCode(dial("only-echo.test", 22))).to.equal("ECONNREFUSED");
    expect(await orCode(dial("allowed.test", 8443))).to.equal("ECONNREFUSED");
    expect([tls.connections(), tcp.connections()]).to.deep.equal(before);
  });

  it("gives a denied name no address, and an address that stands for no name nothing", async () => {
    const before = tls.connections();
    expect(await egress.addressOf("denied.test").catch(({ message }: Error) => message)).to.equal("no address for denied.test");
    for (const address of ["198.18.0.9", "198.19.255.254", "127.0.0.1"]) {
      expect(await sayOverTls(egress.inside.tcp(address, 443), "denied.test")).to.equal("ECONNRESET");
    }
    expect(tls.connections()).to.equal(before);
  });

  it("leaves the host's own sockets, and every other address, out of reach", async () => {
    const [before, probe] = [tls.connections(), connectTcp(tls.port, "127.0.0.1")];
    await once(probe, "connect"); // the control: it can be reached from here
    probe.destroy();
    const code = async (address: string, port: number) => await orCode(egress.inside.tcp(address, port));
    expect(await code("127.0.0.1", tls.port)).to.equal("ECONNREFUSED");
    expect(await code("198.18.0.2", tls.port)).to.equal("ECONNREFUSED");
    expect(await code("192.0.2.1", 8443)).to.equal("ECONNREFUSED");
    expect(await say(egress.inside.tcp("192.0.2.1", 443), "hello")).to.equal("ECONNRESET");
    expect(tls.connections()).to.equal(before + 1);
  });

  it("takes all egress with it when it dies", async () => {
    const lasting = await dial("only-echo.test", 7);
    lasting.allowHalfOpen = false;
    lasting.write("ping");
    await once(lasting, "data");
    const before = tcp.connections();
    const closed = once(lasting, "close");
    process.kill(egress.pid, "SIGKILL");
    expect((await egress.gone).message).to.match(/^The gateway, the guest's only way to the network, ended: SIGKILL/);
    lasting.resume();
    await closed;
    // the kernel closes the listeners a moment after the process was killed; nobody is behind them by then
    for (let attempt = 0; attempt < 50; attempt += 1) {
      const outcome = await orCode(egress.inside.tcp("198.18.0.2", 443));
      if (outcome === "ECONNREFUSED") break;
      expect(attempt, "the listeners stay").to.be.lessThan(49);
      if (typeof outcome === "object") outcome.on("error", () => {}).destroy();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(tcp.connections()).to.equal(before);
  });
});
