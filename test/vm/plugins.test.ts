import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { inMachine } from "../../testing/index.ts";
import { Place } from "../support/place.ts";
import { blocksOf } from "../support/readme-steps.ts";
import { Reader } from "../support/reader.ts";
import { makeTestCertificate } from "../support/scripted-api/certificate.ts";
import { ROOT } from "../support/sources.ts";

const DEADLINE_MS = 480_000;

describe("A plugin from outside in a machine", () => {
  it("does what README.md says it will, typed as it stands there", async () => {
    using place = new Place();
    const reader = new Reader(join(place.folder, "reader"), place.project, place.env, [join(ROOT, "bin/cloche")]);
    const [write, code, use] = blocksOf("Your own").map(({ text }) => text);
    expect(await reader.types(write ?? "")).to.have.property("status", 0);
    writeFileSync(join(place.home, ".config/cloche/plugins/weather/index.js"), code ?? "");
    const used = await reader.types(use ?? "", DEADLINE_MS);
    expect(used, used.output).to.have.property("status", 0);
    expect(used.output).to.include("some rain\n");
  }).timeout(DEADLINE_MS);
});

/** What a company has: servers of its own, by an authority of its own. */
class Company implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), "cloche-company-"));
  readonly authority = join(this.folder, "ca.pem");
  readonly #servers: Server[] = [];
  readonly upstreams: Record<string, { address: string; port: number }> = {};

  /** A server of this name whose certificate the company's authority signed, or a stranger's. */
  async serve(name: string, isOwn: boolean): Promise<void> {
    const { caPem, certPem, keyPem } = await makeTestCertificate([name]);
    if (isOwn) writeFileSync(this.authority, caPem);
    const server = createServer({ cert: certPem, key: keyPem }, (_asked, answer) => answer.end(`here is ${name}\n`));
    this.#servers.push(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    this.upstreams[name] = { address: "127.0.0.1", port: (server.address() as AddressInfo).port };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#servers) server.close().closeAllConnections();
    rmSync(this.folder, { recursive: true });
  }
}

const OWN = "intranet.company.test";
const STRANGERS = "stranger.company.test";

const FETCH_JAVA = `public class Fetch {
  public static void main(String[] args) throws Exception {
    System.out.print("java: " + new String(new java.net.URI(args[0]).toURL().openStream().readAllBytes()));
  }
}
`;
const ASK_SERVER = `
import { spawn } from "node:child_process";
const server = spawn("typescript-language-server", ["--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: { processId: process.pid, rootUri: null, capabilities: {} } });
server.stdin.write("Content-Length: " + body.length + "\\r\\n\\r\\n" + body);
let heard = "";
server.stdout.on("data", (chunk) => {
  heard += chunk;
  if (!heard.includes('"definitionProvider":true')) return;
  console.log("the language server finds definitions");
  server.kill();
});
setTimeout(() => { console.log("it said " + heard); process.exit(1); }, 120_000).unref();
`;
const COMMAND = `
psql -Atc "select 'it answers from ' || current_setting('data_directory')" "$DATABASE_URL"
psql -qAtc "create table t (x int); insert into t values (7); select 'seven is ' || x from t"
node --version; npm --version >/dev/null; sudo -n id -un
echo "$(cat /tmp/who /tmp/early /etc/baked)"; head -c 60 /opt/licence
grep -q '^postgresql-17' /usr/share/cloche/packages && echo versions are recorded
curl -sS https://${OWN}/
node -e 'fetch(process.argv[1]).then((answer) => answer.text()).then((text) => process.stdout.write("node: " + text))' https://${OWN}/
# QEMU 7.2 goes on running code that another processor has just changed, as Java does; so it gets one, and where it crashes even so, another try
taskset -c 0 java Fetch.java https://${OWN}/ || { ls hs_err_pid*.log >&2 && taskset -c 0 java Fetch.java https://${OWN}/; }
curl -sS https://${STRANGERS}/ && exit 1 || echo "a stranger is refused by curl with $?"
node ask.mjs`;

describe("The example plugins in a machine", () => {
  it("are PostgreSQL on the scratch disk before the agent, a company's authority and a language server; beside tools, sudo and steps", async () => {
    await using company = new Company();
    await company.serve(OWN, true);
    await company.serve(STRANGERS, false);
    const { status, stdout, stderr } = await inMachine({
      plugin: join(ROOT, "examples/postgres"),
      name: "postgres",
      configuration: {
        load: ["postgres", "company-ca", "language-servers"].map((name) => join(ROOT, "examples", name)),
        plugins: { postgres: true, "company-ca": true, "language-servers": true },
        companyCa: { certificates: [company.authority] },
        egress: { allow: [OWN, STRANGERS], upstreams: company.upstreams },
        machine: { scratch: "1GiB" },
        image: { tools: ["node@24", "java"] },
        agent: { sudo: true },
        provision: [
          { run: "id -un >/tmp/who; pwd >>/tmp/who" },
          { run: "id -un >/tmp/early", as: "root", beforeMounts: true },
          { run: "echo baked by $(id -un) >/etc/baked", as: "root", bake: true },
          { copy: join(ROOT, "LICENSE"), to: "/opt/licence" },
        ],
      },
      command: ["sh", "-euc", COMMAND],
      project: { "Fetch.java": FETCH_JAVA, "ask.mjs": ASK_SERVER },
      deadlineMs: DEADLINE_MS,
    });
    expect(status, stdout + stderr).to.equal(0);
    expect(stdout).to.include("it answers from /scratch/postgres\nseven is 7\nv24.").and.match(/\nroot\nagent\n\/.*\/project\nroot\nbaked by root\n/);
    expect(stdout).to.include("Apache License").and.include("versions are recorded");
    expect(stdout).to.include(`\nhere is ${OWN}\nnode: here is ${OWN}\n`).and.include(`java: here is ${OWN}\na stranger is refused by curl with 60\nthe language server finds definitions\n`);
  }).timeout(DEADLINE_MS);
});
