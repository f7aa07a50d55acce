import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import type { Guest } from "../../../core/index.ts";
import { ADDED_BUNDLE, trustInGuest, TRUST_VARIABLES } from "../../../plugins/egress/trust/guest-trust.ts";
import { makeCertificate } from "./support/certificates.ts";
import { startEgress, type TestEgress } from "./support/egress.ts";
import { webWitness, type WebWitness } from "./support/web-witness.ts";

const certificate = makeCertificate(["allowed.test"]);
const JAVA = fileURLToPath(new URL("support/Client.java", import.meta.url));
const URL_ = "https://allowed.test/hello";

interface Said {
  readonly status: number | null;
  readonly said: string;
}

/** Real clients in the jail's network, with the guest's store of certificates and the gateway's DNS, and no other help. */
describe("A real client of an intercepted name", () => {
  let folder: string;
  let web: WebWitness;
  let egress: TestEgress;

  before(async function () {
    this.timeout(60_000);
    folder = mkdtempSync(join(tmpdir(), "cloche-test-"));
    const git = (...args: string[]) => void execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main", ...args], { cwd: folder, stdio: "ignore" });
    mkdirSync(join(folder, "files"));
    git("init", "work");
    writeFileSync(join(folder, "work", "file"), "from the repository\n");
    for (const args of [["add", "file"], ["commit", "-m", "one"]]) git("-C", "work", ...args);
    git("clone", "--bare", "work", "files/repository.git");
    git("-C", "files/repository.git", "update-server-info");
    web = await webWitness(certificate, ["h2", "http/1.1"], join(folder, "files"));
    const module = new URL("support/part.ts", import.meta.url);
    const upstream = { target: "allowed.test:443", address: "127.0.0.1", port: web.port, ca: certificate.ca };
    egress = await startEgress(["allowed.test"], [upstream], [{ by: "tester", module, options: { secret: "secret", intercepts: ["allowed.test"] } }]);
    cpSync("/etc/ssl/certs", join(folder, "certs"), { recursive: true, verbatimSymlinks: true });
    mkdirSync(join(folder, "certs", "java"), { recursive: true });
    writeFileSync(join(folder, "certs", "java", "cacerts"), "");
    mkdirSync(join(folder, "added"));
    writeFileSync(join(folder, "resolv.conf"), "nameserver 127.0.0.1\n");
    writeFileSync(join(folder, "hosts"), "127.0.0.1 localhost\n");
    cpSync(JAVA, join(folder, "Client.java")); // a JVM does not find a path with letters that its locale lacks
  });
  beforeEach(() => { web.heard.length = 0; });
  after(async () => {
    await egress.end();
    await web.end();
    rmSync(folder, { recursive: true });
  });

  async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}, input?: string): Promise<Said & { readonly stdout: string }> {
    const at = (name: string) => join(folder, name);
    const binds = [
      "--bind", at("certs"), "/etc/ssl/certs", "--bind", at("added"), "/usr/local/share/ca-certificates", "--ro-bind", at("resolv.conf"), "/etc/resolv.conf",
      "--ro-bind", at("hosts"), "/etc/hosts", "--tmpfs", "/run",
    ];
    const [command = "", ...args] = [...egress.network.enter, "bwrap", "--dev-bind", "/", "/", ...binds, "--", ...argv];
    const { PATH = "", HOME = "/" } = process.env;
    const child = spawn(command, args, { env: { PATH, HOME, ...env }, cwd: folder });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => { stdout += String(chunk); });
    child.stderr.on("data", (chunk: Buffer) => { stderr += String(chunk); });
    child.stdin.on("error", () => {}).end(input);
    const [status] = (await once(child, "close")) as [number | null];
    return { status, said: `${stdout}${stderr}`, stdout };
  }

  it("does not trust it before it is told to", async () => {
    const { status, said } = await run(["curl", "-sS", URL_]);
    expect(status, said).to.equal(60);
    expect(web.heard).to.deep.equal([]);
  }).timeout(20_000);

  describe("that was made to trust it", () => {
    before(async function () {
      this.timeout(20_000);
      const guest = {
        writeFile: async (path: string, content: Uint8Array) => writeFileSync(path.replace("/etc/ssl/certs", join(folder, "certs")), content),
        run: async (argv: readonly string[], { input }: { readonly input: string }) => {
          const { status, said, stdout } = await run(argv, {}, input);
          if (status !== 0) throw new Error(said);
          return { stdout, stderr: "" };
        },
      } as unknown as Guest;
      await trustInGuest(guest, [egress.authority ?? expect.fail("no authority")]);
    });

    const FETCH = `const answer = await fetch(${JSON.stringify(URL_)}); process.stdout.write(await answer.text())`;
    const PYTHON = `from urllib.request import urlopen; print(urlopen(${JSON.stringify(URL_)}).read().decode(), end="")`;
    const STRICT = `import ssl, socket; c = ssl.create_default_context(); c.verify_flags |= ssl.VERIFY_X509_STRICT; s = c.wrap_socket(socket.create_connection(("allowed.test", 443)), server_hostname="allowed.test"); print(s.version(), end="")`;

    for (const [what, argv, wanted, env] of [
      ["curl, by HTTP/2", ["curl", "-sS", "--http2", "-w", " %{http_version}", URL_], "answer to /hello 2", {}],
      ["curl, by HTTP/1.1", ["curl", "-sS", "--http1.1", "-w", " %{http_version}", URL_], "answer to /hello 1.1", {}],
      ["curl, sending a lot", ["sh", "-c", `head -c 5000000 /dev/zero | curl -sS -T - ${URL_}`], "answer to /hello and 5000000 bytes", {}],
      ["curl, with TLS 1.2", ["curl", "-sS", "--tls-max", "1.2", URL_], "answer to /hello", {}],
      ["git", ["sh", "-c", "rm -rf cloned; git clone -q https://allowed.test/repository.git cloned && cat cloned/file"], "from the repository\n", {}],
      ["Node, by its variable", [process.execPath, "--input-type=module", "-e", FETCH], "answer to /hello", { NODE_EXTRA_CA_CERTS: ADDED_BUNDLE }],
      ["Python", ["/usr/bin/python3", "-c", PYTHON], "answer to /hello", {}],
      ["Python, as strict as it can be", ["/usr/bin/python3", "-c", STRICT], "TLSv1.3", {}],
      ["a JVM, by HTTP/2", ["java", "-Djavax.net.ssl.trustStore=/etc/ssl/certs/java/cacerts", "Client.java", URL_], "HTTP_2 200 answer to /hello", {}],
      ["all of them at once, told by variables", ["sh", "-c", `curl -sS ${URL_} && git ls-remote -q https://allowed.test/repository.git HEAD | cut -f2 && /usr/bin/python3 -c '${PYTHON}'`], "answer to /helloHEAD\nanswer to /hello", TRUST_VARIABLES],
    ] as const) {
      it(`works: ${what}`, async () => {
        const { status, said } = await run(argv, env);
        expect(said).to.equal(wanted);
        expect(status).to.equal(0);
      }).timeout(60_000);
    }

    it("is shown a chain that OpenSSL takes, by its strictest reading, for this purpose and name only", async () => {
      const shown = await run(["sh", "-c", "openssl s_client -connect allowed.test:443 -servername allowed.test -showcerts </dev/null 2>/dev/null | sed -n '/BEGIN/,/END/p' >chain.pem"]);
      expect(shown.status, shown.said).to.equal(0);
      const verify = async (...more: string[]) => (await run(["openssl", "verify", "-x509_strict", "-CAfile", ADDED_BUNDLE, "-purpose", "sslserver", ...more, "chain.pem"])).said.trim().split("\n").at(-1);
      expect(await verify("-verify_hostname", "allowed.test")).to.equal("chain.pem: OK");
      expect(await verify("-verify_hostname", "other.test")).to.include("verification failed");
      const asClient = await run(["openssl", "verify", "-CAfile", ADDED_BUNDLE, "-purpose", "sslclient", "chain.pem"]);
      expect(asClient.said).to.include("unsuitable certificate purpose");
    }).timeout(20_000);
  });
});
