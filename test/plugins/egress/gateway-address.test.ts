import type { Socket } from "node:net";
import { expect } from "chai";
import { makeCertificate } from "./support/certificates.ts";
import { exchange, openTls } from "./support/clients.ts";
import { startEgress, type TestEgress } from "./support/egress.ts";
import { message, records, serverName } from "./support/hello.ts";
import { soon } from "./support/soon.ts";
import { echoWitness, tlsWitness, type Witness } from "./support/witness.ts";

const ADDRESS = "192.0.2.7";
const UNRECOGNIZED_NAME = String.fromCharCode(21, 3, 3, 0, 2, 2, 112);
const certificate = makeCertificate(["allowed.test", "unlisted.test"]);

/** A rule names an address by its number, and behind it somebody lives who answers for several names, as many do. */
describe("The gateway, asked for an address by its number", () => {
  let tls: Witness;
  let tcp: Witness;
  let egress: TestEgress;
  before(async () => {
    [tls, tcp] = [await tlsWitness(certificate), await echoWitness()];
    const upstreams = [{ target: `${ADDRESS}:443`, port: tls.port }, { target: `${ADDRESS}:22222`, port: tcp.port }].map((upstream) => ({ ...upstream, address: "127.0.0.1" }));
    egress = await startEgress([ADDRESS, `${ADDRESS}:22222`, "allowed.test"], upstreams);
  });
  after(async () => {
    await egress.end();
    await tls.end();
    await tcp.end();
  });

  const dial = async (port = 443, address = ADDRESS): Promise<Socket> => await egress.inside.tcp(address, port);
  const greet = async (...extensions: [number, Buffer][]): Promise<string> => await exchange(await dial(), records(message({ extensions })).toString("latin1"));

  it("lets TLS through that asks for no name, as clients do that were given an address", async () => {
    const before = tls.connections();
    const secured = await openTls(await dial(), "", undefined).catch((error: NodeJS.ErrnoException) => error.code);
    // the client sees the witness's certificate, and does not trust its authority
    expect(secured).to.be.oneOf(["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"]);
    expect(tls.connections()).to.equal(before + 1);
  });

  it("lets TLS through that asks for the address itself, which some clients do", async () => {
    const before = tls.connections();
    expect(await greet(serverName(ADDRESS))).to.not.equal(UNRECOGNIZED_NAME);
    expect(tls.connections()).to.equal(before + 1);
  });

  for (const [what, name] of [["no rule allows", "unlisted.test"], ["a rule allows", "allowed.test"], ["is another address", "192.0.2.8"], ["is the address in another notation", "192.0.2.007"]] as const) {
    it(`refuses TLS there that asks for a name which ${what}, with an alert that says so`, async () => {
      const before = tls.connections();
      expect(await greet(serverName(name))).to.equal(UNRECOGNIZED_NAME);
      expect(tls.connections()).to.equal(before);
      const why = `it asks an address for the name ${name}, which has to be connected to by itself`;
      expect(await soon(() => egress.audit().find((line) => line["why"] === why))).to.include({ name: ADDRESS, port: 443, verdict: "refused" });
    });
  }

  it("refuses what is not TLS on port 443, and passes anything on another port that the rule names", async () => {
    const before = tls.connections();
    expect(await exchange(await dial(), "GET / HTTP/1.1\r\nHost: 192.0.2.7\r\n\r\n")).to.equal("");
    expect(tls.connections()).to.equal(before);
    const other = await dial(22222);
    const echoed = exchange(other, "ping");
    other.end();
    expect(await echoed).to.equal("ping");
  });

  it("refuses an address that no rule names, whatever it is asked", async () => {
    const before = tls.connections();
    const socket = await dial(443, "192.0.2.8").catch(() => undefined); // the reset may come before the connection is even handed over
    if (socket) expect(await exchange(socket, records(message({ extensions: [] })).toString("latin1"))).to.equal("");
    expect(await soon(() => egress.audit().find((line) => line["name"] === "192.0.2.8"))).to.include({ verdict: "refused", why: "no rule names this address" });
    expect(tls.connections()).to.equal(before);
  });
});
