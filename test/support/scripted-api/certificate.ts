import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A server's certificate and the authority that signed it, all PEM, made for one test run. */
export interface TestCertificate {
  readonly caPem: string;
  readonly certPem: string;
  readonly keyPem: string;
}

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** Makes an authority, and a certificate of it for the names, with Debian's openssl; valid for two days. */
export async function makeTestCertificate(names: readonly string[]): Promise<TestCertificate> {
  const folder = await mkdtemp(join(tmpdir(), "cloche-certificate-"));
  const openssl = (...args: string[]) => run("openssl", args, { cwd: folder });
  const read = (name: string) => readFile(join(folder, name), "utf8");
  try {
    await writeFile(join(folder, "extensions"), `subjectAltName=${names.map((name) => `DNS:${name}`).join(",")}\nextendedKeyUsage=serverAuth\n`);
    await openssl("req", "-x509", ...CURVE, "-days", "2", "-subj", "/CN=cloche test authority", "-keyout", "ca.key", "-out", "ca.pem",
      "-addext", "keyUsage=critical,keyCertSign");
    await openssl("req", ...CURVE, "-subj", "/CN=cloche test server", "-keyout", "server.key", "-out", "server.csr");
    await openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
      "-extfile", "extensions", "-out", "server.pem");
    return { caPem: await read("ca.pem"), certPem: await read("server.pem"), keyPem: await read("server.key") };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
