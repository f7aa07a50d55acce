import { X509Certificate } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { expect } from "chai";
import { privateAuthorities } from "../../../../plugins/egress/trust/private-authorities.ts";
import { makeCertificate } from "../support/certificates.ts";

describe("The authorities that a host was made to trust beyond the public ones", () => {
  const authority = () => makeCertificate(["a.test"]).ca.trimEnd();
  const [one, other, third] = [authority(), authority(), authority()];
  const [publicRoot = ""] = rootCertificates;
  let folder: string;
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), "cloche-test-")); });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are those that its administrator added, in whatever form, and that are in force", async () => {
    mkdirSync(join(folder, "deeper"));
    writeFileSync(join(folder, "deeper", "one.crt"), `a comment\n${one}\n${publicRoot}\n`);
    writeFileSync(join(folder, "other.der"), new X509Certificate(other).raw);
    writeFileSync(join(folder, "third.crt"), third);
    writeFileSync(join(folder, "README"), "no certificate");
    symlinkSync(join(folder, "gone"), join(folder, "dangling.crt"));
    const inForce = [one, other, publicRoot].join("\n");
    expect(await privateAuthorities({}, [join(folder, "missing"), folder], inForce)).to.have.members([one, other]);
    expect(await privateAuthorities({}, [folder], "")).to.deep.equal([]);
    expect(await privateAuthorities({}, [folder], one)).to.deep.equal([one]);
  });

  it("are those that the user's variables name, once, without the public ones that stand with them", async () => {
    writeFileSync(join(folder, "one.crt"), one);
    writeFileSync(join(folder, "bundle.pem"), [publicRoot, one, other, ...rootCertificates.slice(1, 5)].join("\n"));
    const file = join(folder, "bundle.pem");
    expect(await privateAuthorities({ SSL_CERT_FILE: file, NODE_EXTRA_CA_CERTS: file }, [folder], one)).to.deep.equal([one, other]);
  });

  it("are none where nothing was added", async () => {
    expect(await privateAuthorities({}, [], publicRoot)).to.deep.equal([]);
  });
});
