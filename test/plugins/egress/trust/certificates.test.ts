import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { hostExtraAuthorities } from "../../../../plugins/egress/trust/certificates.ts";
import { makeCertificate } from "../support/certificates.ts";

describe("Whom the host trusts besides its system", () => {
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "cloche-test-")); });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is what its variables name, once, and what cannot be read is left out", async () => {
    const { ca } = makeCertificate(["a.test"]);
    const file = join(folder, "ca.pem");
    writeFileSync(file, `comment\n${ca}`);
    expect(await hostExtraAuthorities({ NODE_EXTRA_CA_CERTS: file, SSL_CERT_FILE: file })).to.deep.equal([ca.trimEnd()]);
    expect(await hostExtraAuthorities({ NODE_EXTRA_CA_CERTS: join(folder, "missing"), SSL_CERT_FILE: folder })).to.deep.equal([]);
    expect(await hostExtraAuthorities({})).to.deep.equal([]);
  });

  it("is not read when it is the system's own", async () => {
    expect(await hostExtraAuthorities({ SSL_CERT_FILE: "/etc/ssl/certs/ca-certificates.crt" })).to.deep.equal([]);
  });
});
