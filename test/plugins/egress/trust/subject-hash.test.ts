import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rootCertificates } from "node:tls";
import { expect } from "chai";
import { subjectHash } from "../../../../plugins/egress/trust/subject-hash.ts";

describe("The hash of a certificate's subject", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-test-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const openssl = (...args: readonly string[]) => execFileSync("openssl", [...args], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

  function made(subject: string, ...more: readonly string[]): string {
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-subj", subject, ...more);
    return openssl("x509", "-in", "cert.pem");
  }

  function byOpenssl(pem: string): string {
    writeFileSync(join(folder, "one.pem"), pem);
    return openssl("x509", "-noout", "-subject_hash", "-in", "one.pem").trim();
  }

  for (const [what, subject, more] of [
    ["a plain name", "/CN=cloche session 0123456789ab", []],
    ["capitals and spaces", "/O=  Some   Company  LTD /CN= Root   CA", []],
    ["letters of other alphabets", "/O=Ünïted Ärzte ß/CN=根证书", ["-utf8"]],
    ["a part of two attributes", "/O=Org/CN=Name+UID=zulu+SN=alpha", ["-multivalue-rdn"]],
    ["no name at all", "/", []],
  ] as const) {
    it(`is what openssl says, with ${what}`, () => {
      const pem = made(subject, ...more);
      expect(subjectHash(pem)).to.equal(byOpenssl(pem));
    });
  }

  for (const kind of ["default", "pkix", "nombstr"] as const) {
    it(`is what openssl says of text in the form "${kind}"`, () => {
      writeFileSync(join(folder, "req.cnf"), `[req]\ndistinguished_name=dn\nstring_mask=${kind}\nprompt=no\nutf8=yes\n[dn]\nC=DE\nO=Größe & Söhne\nCN=Plain Name\nemailAddress=CA@Example.Test\n`);
      openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-config", "req.cnf");
      const pem = openssl("x509", "-in", "cert.pem");
      expect(subjectHash(pem)).to.equal(byOpenssl(pem));
    });
  }

  it("is what openssl says of the authorities of the world", () => {
    // a process each, so not all of them
    const some = rootCertificates.filter((_, index) => index % 5 === 0);
    expect(some.length).to.be.greaterThan(20);
    expect(some.map((pem) => subjectHash(pem))).to.deep.equal(some.map(byOpenssl));
  }).timeout(60_000);
});
