import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Server } from "node:tls";
import { expect } from "chai";
import { hostTrust } from "../../../../../plugins/egress/gateway/tls/host-trust.ts";
import { makeCertificate } from "../../support/certificates.ts";

describe("Whom the gateway trusts to be a host", () => {
  const [one, other] = [makeCertificate(["a.test"]), makeCertificate(["a.test"])];
  const trust = hostTrust([{ target: "a.test:443", ca: one.ca }, { target: "a.test:443", ca: other.ca }, { target: "b.test:443", ca: one.ca }]);
  let servers: readonly Server[];
  before(async () => {
    servers = [one, other].map(({ cert, key }) => createServer({ cert, key }, (socket) => socket.end()).listen(0, "127.0.0.1"));
    await Promise.all(servers.map((server) => once(server, "listening")));
  });
  after(() => servers.forEach((server) => server.close()));

  /** What a client says of the server that has the first or the second certificate, when it trusts as for this target. */
  async function said(target: string, which: 0 | 1): Promise<string> {
    const socket = connect({ host: "127.0.0.1", port: (servers[which]?.address() as AddressInfo).port, servername: "a.test", secureContext: trust(target) });
    const failed = once(socket, "error").then(([error]) => (error as NodeJS.ErrnoException).code ?? "error");
    const outcome = await Promise.race([once(socket, "secureConnect").then(() => "trusted", () => failed), failed]);
    socket.destroy();
    return outcome;
  }

  it("are, for one target, all authorities that are named for it", async () => {
    expect([await said("a.test:443", 0), await said("a.test:443", 1)]).to.deep.equal(["trusted", "trusted"]);
  });

  it("are for every other target, its other ports among them, no more than the host's own", async () => {
    expect(await said("b.test:443", 0)).to.equal("trusted");
    for (const target of ["b.test:443", "a.test:8443", "c.test:443"]) expect(await said(target, 1), target).to.match(/^UNABLE_TO_/);
  });
});
