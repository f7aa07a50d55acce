import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import fc from "fast-check";
import { Authority } from "../../../../../plugins/egress/gateway/tls/authority.ts";
import { der, integer, oid } from "../../../../../plugins/egress/gateway/tls/der.ts";

describe("The authority of a session", () => {
  let folder: string;
  before(() => { folder = mkdtempSync(join(tmpdir(), "cloche-test-")); });
  after(() => rmSync(folder, { recursive: true }));

  /** The certificate that a server with the name's context shows. */
  async function shownFor(authority: Authority, name: string): Promise<X509Certificate> {
    const server = createServer({ SNICallback: (_name, use) => use(null, authority.contextFor(name)) }, (socket) => socket.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const socket: TLSSocket = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", servername: name, ca: authority.pem });
    await once(socket, "secureConnect");
    const shown = socket.getPeerX509Certificate() ?? expect.fail("nothing was shown");
    socket.destroy();
    server.close();
    return shown;
  }

  it("is another for every session, with a name and a key of its own", () => {
    const [one, other] = [new X509Certificate(new Authority().pem), new X509Certificate(new Authority().pem)];
    expect(one.subject).to.match(/^CN=cloche session [0-9a-f]{12}$/).and.not.equal(other.subject);
    expect(one.publicKey.equals(other.publicKey)).to.equal(false);
    expect(one.ca).to.equal(true);
    expect(one.verify(one.publicKey)).to.equal(true);
  });

  it("signs for servers of one name, good now and for long, never as an authority", async () => {
    const authority = new Authority();
    const ca = new X509Certificate(authority.pem);
    for (const name of ["a.test", `${"long.".repeat(20)}test`, "xn--bcher-kva.example"]) {
      const leaf = await shownFor(authority, name);
      expect(leaf.checkHost(name)).to.equal(name);
      expect(leaf.checkHost(`other.${name}`)).to.equal(undefined);
      expect(leaf.subjectAltName).to.equal(`DNS:${name}`);
      expect([leaf.ca, leaf.checkIssued(ca), leaf.verify(ca.publicKey)]).to.deep.equal([false, true, true]);
      expect(leaf.keyUsage).to.deep.equal(["1.3.6.1.5.5.7.3.1"]);
      const [from, until] = [Date.parse(leaf.validFrom), Date.parse(leaf.validTo)];
      expect([from < Date.now() - 86_400_000, until > Date.now() + 90 * 86_400_000, until - from < 398 * 86_400_000]).to.deep.equal([true, true, true]);
    }
  });

  it("writes what OpenSSL reads without a complaint", async () => {
    const authority = new Authority();
    writeFileSync(join(folder, "ca.pem"), authority.pem);
    writeFileSync(join(folder, "leaf.pem"), (await shownFor(authority, "a.test")).toString());
    const verify = (...args: string[]) => execFileSync("openssl", ["verify", "-x509_strict", "-CAfile", "ca.pem", ...args], { cwd: folder, encoding: "utf8", stdio: "pipe" });
    expect(verify("-purpose", "sslserver", "-verify_hostname", "a.test", "leaf.pem")).to.equal("leaf.pem: OK\n");
    expect(() => verify("-verify_hostname", "b.test", "leaf.pem")).to.throw();
    expect(() => verify("-purpose", "sslclient", "leaf.pem")).to.throw();
  });

  it("keeps the 512 names used last", () => {
    const authority = new Authority();
    const first = authority.contextFor("first.test");
    expect(authority.contextFor("first.test")).to.equal(first);
    for (let number = 0; number < 512; number += 1) authority.contextFor(`${number}.test`);
    expect(authority.contextFor("511.test")).to.equal(authority.contextFor("511.test"));
    expect(authority.contextFor("first.test")).to.not.equal(first);
  });
});

describe("The encoding of certificates", () => {
  const parse = (bytes: Buffer): string => execFileSync("openssl", ["asn1parse", "-inform", "DER"], { input: bytes, encoding: "utf8" });

  it("has lengths of every size", () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      expect(parse(der(4, Buffer.alloc(length)))).to.match(new RegExp(`l=\\s*${length} prim: OCTET STRING`));
    }
  });

  it("has numbers that are positive, and object identifiers as they are written", () => {
    expect(parse(integer(Buffer.from([0x80, 1])))).to.match(/INTEGER\s+:8001/);
    fc.assert(fc.property(fc.array(fc.nat(2 ** 27), { minLength: 1, maxLength: 6 }), (rest) => {
      const dotted = `1.3.6.1.4.1.99999.${rest.join(".")}`;
      expect(parse(oid(dotted))).to.include(`:${dotted}`);
    }), { numRuns: 20 });
  });
});
