import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { makeCertificate } from "../plugins/egress/support/certificates.ts";
import { webWitness, type WebWitness } from "../plugins/egress/support/web-witness.ts";
import { Place } from "../support/place.ts";
import { Program } from "../support/program.ts";
import type { Ended, Started } from "../support/started.ts";

const MINUTE = 60_000;
const SESSION = "seen";
const BECOME_ROOT = ["become", "--reuid=0", "--regid=0", "--clear-groups", "--"];

// a handshake, a message, and its echo; bytes as they come, since only the way is tested
const WEBSOCKET = `
import socket, ssl
c = ssl.create_default_context().wrap_socket(socket.create_connection(("seen.test", 443)), server_hostname="seen.test")
c.sendall(b"GET /chat HTTP/1.1\\r\\nHost: seen.test\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Key: eA==\\r\\n\\r\\n")
heard = b""
while b"first;" not in heard: heard += c.recv(1000)
c.sendall(b"one")
while b"echo one;" not in heard: heard += c.recv(1000)
print(heard.decode().split("\\r\\n")[0], heard.decode().split("\\r\\n\\r\\n")[1])
`;

describe("Interception in a machine", () => {
  const certificate = makeCertificate(["seen.test", "untouched.test"]);
  let folder: string;
  let program: Program;
  let place: Place;
  let web: WebWitness;
  let keeper: Started;

  before(async function () {
    this.timeout(15 * MINUTE);
    folder = mkdtempSync(join(tmpdir(), "cloche-test-"));
    writeFileSync(join(folder, "ca.pem"), certificate.ca);
    const git = (...args: string[]) => void execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: folder, stdio: "ignore" });
    mkdirSync(join(folder, "files"));
    git("init", "work");
    writeFileSync(join(folder, "work", "file"), "from the repository\n");
    for (const args of [["add", "file"], ["commit", "-m", "one"]]) git("-C", "work", ...args);
    git("clone", "--bare", "work", "files/repository.git");
    git("-C", "files/repository.git", "update-server-info");
    web = await webWitness(certificate, ["h2", "http/1.1"], join(folder, "files"));
    program = new Program("root-door");
    place = new Place("project", {}, program.command);
    const upstream = { address: "127.0.0.1", port: web.port, ca: join(folder, "ca.pem") };
    const rule = { host: "seen.test", methods: ["GET", "HEAD", "POST", "PUT"] };
    place.configure({ egress: { allow: [rule, "untouched.test"], upstreams: { "seen.test": upstream, "untouched.test": upstream } } });
    keeper = place.cloche(["exec", "--name", SESSION, "--", "sh", "-c", "echo ready; exec cat"], { deadlineMs: 20 * MINUTE });
    await keeper.says(/ready\n/);
  });
  beforeEach(() => { web.heard.length = 0; });
  after(async function () {
    this.timeout(MINUTE);
    keeper?.stdin.end();
    await keeper?.ended;
    await web?.end();
    place?.[Symbol.dispose]();
    program?.[Symbol.dispose]();
    rmSync(folder, { recursive: true });
  });

  const start = (argv: readonly string[], user: "agent" | "root"): Started => place.cloche(["exec", "--session", SESSION, "--", ...(user === "root" ? BECOME_ROOT : []), ...argv], { input: "" });

  async function bash(script: string, user: "agent" | "root" = "agent"): Promise<string> {
    const { status, stdout, stderr }: Ended = await start(["bash", "-c", script], user).ended;
    expect(status, `${script}\n${stdout}${stderr}`).to.equal(0);
    return stdout;
  }

  for (const user of ["agent", "root"] as const) {
    it(`is trusted by what ${user} uses, by the system's store and by the variables`, async () => {
      const issuer = (name: string) => `openssl s_client -connect ${name}:443 -servername ${name} -verify_return_error </dev/null 2>/dev/null | openssl x509 -noout -issuer`;
      expect(await bash(issuer("seen.test"), user)).to.match(/^issuer=CN\s?=\s?cloche session [0-9a-f]{12}\n$/);
      expect(await bash(issuer("untouched.test"), user)).to.match(/^issuer=CN\s?=\s?cloche test authority\n$/);
      const clients = `
        curl -sS --http2 -w ' %{http_version}\\n' https://seen.test/a
        curl -sS --http1.1 -w ' %{http_version}\\n' https://seen.test/b
        env -u CURL_CA_BUNDLE -u SSL_CERT_FILE curl -sS https://seen.test/c; echo
        python3 -c 'from urllib.request import urlopen; print(urlopen("https://seen.test/d").read().decode())'
        rm -rf /tmp/cloned && git clone -q https://seen.test/repository.git /tmp/cloned && cat /tmp/cloned/file
        curl -sS https://seen.test/gzip | gunzip | head -c 10; echo
        head -c 2000000 /dev/zero | curl -sS -T - https://seen.test/up; echo`;
      expect((await bash(clients, user)).trim().split("\n")).to.deep.equal([
        "answer to /a 2", "answer to /b 1.1", "answer to /c", "answer to /d", "from the repository", "compressed", "answer to /up and 2000000 bytes",
      ]);
      expect(web.heard.filter(({ head }) => head === "GET seen.test/a").map(({ version, serverName }) => `${version} ${String(serverName)}`)).to.deep.equal(["2.0 seen.test"]);
    }).timeout(2 * MINUTE);

    it(`refuses what no rule allows to ${user}, in words, and the host hears nothing of it`, async () => {
      const said = await bash("curl -sS -X DELETE https://seen.test/x; curl -sS -H 'Host: untouched.test' https://seen.test/y; curl -sS --http1.1 -H 'Host: untouched.test' https://seen.test/z", user);
      expect(said).to.equal(
        "cloche refuses this request to seen.test: no rule allows this request. The user can allow it with: cloche egress allow seen.test\n" + "cloche refuses this request to seen.test: its Host is untouched.test\n".repeat(2),
      );
      expect(web.heard).to.deep.equal([]);
    }).timeout(MINUTE);

    it(`carries a WebSocket and events one by one for ${user}`, async () => {
      const script = Buffer.from(WEBSOCKET).toString("base64");
      expect(await bash(`base64 -d <<<${script} | python3 -`, user)).to.equal("HTTP/1.1 101 Switching Protocols first;echo one;\n");
      const listening = start(["curl", "-sSN", "https://seen.test/events"], user);
      await listening.says(/data: first\n/);
      for (let count = 1; count <= 3; count += 1) {
        web.tick();
        await listening.says(new RegExp(`(data: next\\n\\n){${count}}`));
      }
      listening.kill("SIGTERM");
      await listening.ended;
    }).timeout(MINUTE);
  }
});
