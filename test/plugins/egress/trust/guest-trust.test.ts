import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { Guest } from "../../../../core/index.ts";
import { trustInGuest } from "../../../../plugins/egress/trust/guest-trust.ts";
import { makeCertificate } from "../support/certificates.ts";

describe("Trust in the guest", () => {
  const first = makeCertificate(["a.test"]);
  const second = makeCertificate(["b.test"]); // an authority of the same name, so that the hashed links collide
  let root: string;
  before(() => {
    root = mkdtempSync(join(tmpdir(), "cloche-test-"));
    for (const folder of ["certs", "added"]) mkdirSync(join(root, folder));
    writeFileSync(join(root, "certs", "ca-certificates.crt"), "");
    mkdirSync(join(root, "certs", "java"));
    writeFileSync(join(root, "certs", "java", "cacerts"), "not yet a store");
    for (const [name, { cert }] of Object.entries({ first, second })) writeFileSync(join(root, `${name}.pem`), cert);
  });
  after(() => rmSync(root, { recursive: true }));

  /** Runs a command where the guest's two folders of certificates are ours. */
  function run(argv: readonly string[], input = ""): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
    const binds = ["--bind", join(root, "certs"), "/etc/ssl/certs", "--bind", join(root, "added"), "/usr/local/share/ca-certificates", "--ro-bind", root, "/mnt"];
    return spawnSync("bwrap", ["--ro-bind", "/", "/", ...binds, "--", ...argv], { encoding: "utf8", input });
  }

  const guest = {
    writeFile: async (path: string, content: string | Uint8Array) => writeFileSync(join(root, path.replace(/^\/etc\/ssl\//, "")), content),
    run: async (argv: readonly string[], { input }: { readonly input: string }) => {
      const { status, stdout, stderr } = run(argv, input);
      if (status !== 0) throw new Error(stdout + stderr);
      return { stdout, stderr };
    },
  } as unknown as Guest;

  it("is given by Debian's bundle, by OpenSSL's hashed links and by Java's store, for each authority", async () => {
    const verify = (name: string) => run(["openssl", "verify", `/mnt/${name}.pem`]).status;
    const listed = () => run(["keytool", "-list", "-keystore", "/etc/ssl/certs/java/cacerts", "-storepass", "changeit"]).stdout.match(/trustedCertEntry/g)?.length;
    expect([verify("first"), verify("second"), listed()]).to.deep.equal([2, 2, undefined]);
    await trustInGuest(guest, [first.ca.trimEnd(), second.ca.trimEnd()]);
    expect([verify("first"), verify("second"), listed()]).to.deep.equal([0, 0, 2]);
    expect(readFileSync(join(root, "certs", "ca-certificates.crt"), "utf8")).to.equal(first.ca + second.ca);
    expect(readFileSync(join(root, "added", "cloche.crt"), "utf8")).to.equal(first.ca + second.ca);
  });

  it("is taken from what was added before, when a machine goes on, and nothing else is", async () => {
    const bundle = join(root, "certs", "ca-certificates.crt");
    const verify = (name: string) => ["-no-CAfile", "-no-CApath"].map((without) => run(["openssl", "verify", without, `/mnt/${name}.pem`]).status);
    const links = () => readdirSync(join(root, "certs")).filter((name) => /\.\d+$/.test(name)).sort();
    writeFileSync(bundle, `of the system\n${first.ca}${second.ca}`); // as the test before left it
    const linked = links();
    await trustInGuest(guest, [second.ca.trimEnd(), first.ca.trimEnd()]);
    expect([readFileSync(bundle, "utf8"), links()]).to.deep.equal([`of the system\n${second.ca}${first.ca}`, linked]);
    expect([verify("first"), verify("second")]).to.deep.equal([[0, 0], [0, 0]]);
    await trustInGuest(guest, [second.ca.trimEnd()]);
    expect(readFileSync(bundle, "utf8")).to.equal(`of the system\n${second.ca}`);
    expect([verify("first"), verify("second")]).to.deep.equal([[2, 2], [0, 0]]);
    appendFileSync(bundle, "of somebody else\n");
    await trustInGuest(guest, [second.ca.trimEnd()]);
    expect(readFileSync(bundle, "utf8")).to.equal(`of the system\n${second.ca}of somebody else\n${second.ca}`);
  });

  it("is given by a policy to Chromium, which looks at no file, where it is there", async () => {
    mkdirSync(join(root, "chromium"));
    const server = first.cert; // not an authority: what matters is how it is written
    const binds = ["--tmpfs", "/etc", "--ro-bind", "/etc/alternatives", "/etc/alternatives", "--dir", "/etc/ssl/certs", "--bind", join(root, "chromium"), "/etc/chromium"];
    const run = async (argv: readonly string[], { input }: { readonly input: string }) => {
      const { status, stderr } = spawnSync("bwrap", ["--ro-bind", "/", "/", ...binds, "--bind", join(root, "added"), "/usr/local/share/ca-certificates", "--", ...argv], { encoding: "utf8", input });
      expect(status, stderr).to.equal(0);
      return { stdout: "", stderr: "" };
    };
    await trustInGuest({ run } as unknown as Guest, [first.ca.trimEnd(), server.trimEnd()]);
    const { CACertificates: given } = JSON.parse(readFileSync(join(root, "chromium/policies/managed/cloche.json"), "utf8")) as { CACertificates: string[] };
    expect(given).to.deep.equal([first.ca, server].map((pem) => new X509Certificate(pem).raw.toString("base64")));
  });

  it("is given to one authority alone, and leaves Java alone where there is none", async () => {
    rmSync(join(root, "certs"), { recursive: true });
    mkdirSync(join(root, "certs"));
    await trustInGuest(guest, [second.ca.trimEnd()]);
    const verify = (name: string) => run(["openssl", "verify", "-no-CAfile", "-CApath", "/etc/ssl/certs", `/mnt/${name}.pem`]).status;
    expect([verify("first"), verify("second")]).to.deep.equal([2, 0]);
    expect(existsSync(join(root, "certs", "java"))).to.equal(false);
  });
});
