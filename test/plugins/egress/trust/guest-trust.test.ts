import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
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
    for (const [name, { cert }] of Object.entries({ first, second })) writeFileSync(join(root, `${name}.pem`), cert);
  });
  after(() => rmSync(root, { recursive: true }));

  /** Runs a command where the guest's two folders of certificates are ours. */
  function run(argv: readonly string[]): { readonly status: number | null; readonly said: string } {
    const binds = ["--bind", join(root, "certs"), "/etc/ssl/certs", "--bind", join(root, "added"), "/usr/local/share/ca-certificates", "--ro-bind", root, "/mnt"];
    const { status, stdout, stderr } = spawnSync("bwrap", ["--ro-bind", "/", "/", ...binds, "--", ...argv], { encoding: "utf8" });
    return { status, said: stdout + stderr };
  }

  it("is given by Debian's bundle and by OpenSSL's hashed links, for each authority", async () => {
    const verify = (name: string) => run(["openssl", "verify", `/mnt/${name}.pem`]).status;
    expect([verify("first"), verify("second")]).to.deep.equal([2, 2]);
    await trustInGuest({
      writeFile: async (path: string, content: string | Uint8Array) => writeFileSync(join(root, path.startsWith("/etc") ? "certs" : "added", basename(path)), content),
      run: async (argv: readonly string[]) => {
        const { status, said } = run(argv);
        if (status !== 0) throw new Error(said);
        return { stdout: said, stderr: "" };
      },
    } as unknown as Guest, [first.ca.trimEnd(), second.ca.trimEnd()]);
    expect([verify("first"), verify("second")]).to.deep.equal([0, 0]);
    expect(readFileSync(join(root, "certs", "ca-certificates.crt"), "utf8")).to.equal(first.ca + second.ca);
    expect(readFileSync(join(root, "added", "cloche.crt"), "utf8")).to.equal(first.ca + second.ca);
  });
});
