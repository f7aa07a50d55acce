import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { z } from "zod";
import { definePlugin } from "../../../core/index.ts";
import { live } from "../../../core/lifecycle.ts";
import { beginSteps } from "../../../core/machine/start-steps.ts";
import { openNetwork } from "../../../core/machine/jail/network.ts";
import type { MachinePlan } from "../../../core/machine/draft.ts";
import type { Guest } from "../../../core/machine/guest.ts";
import { openSession } from "../../../core/open-session.ts";
import type { Host } from "../../../core/session.ts";
import { Interrupted } from "../../../core/support/interrupted.ts";
import { SILENT } from "../../../core/support/progress.ts";
import { isFailure } from "../../../core/support/errors.ts";
import egress from "../../../plugins/egress/index.ts";
import { readRule } from "../../../plugins/egress/policy/rule.ts";
import { LivePolicy } from "../../../plugins/egress/runtime/live-policy.ts";
import { RuleCollector } from "../../../plugins/egress/service.ts";
import { privateAuthorities } from "../../../plugins/egress/trust/private-authorities.ts";
import { actingFor, fakeHost } from "../../support/fake-host.ts";
import { makeCertificate } from "./support/certificates.ts";

const { ca } = makeCertificate(["api.test"]);
const { ca: ofNpm } = makeCertificate(["npm.corp.example"]);
const { ca: ofHost } = makeCertificate(["anything.test"]);

describe("The egress plugin", () => {
  let folder: string;
  let ofSystem: readonly string[]; // what this very host was made to trust
  before(async () => { ofSystem = (await privateAuthorities({})).map((pem) => `${pem}\n`); });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-test-"));
    writeFileSync(join(folder, "ca.pem"), `a comment\n${ca}`);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Lives a life with egress and a plugin that needs a host; the network is real, the machine is not. */
  async function liveWith(options: unknown, overrides: (acting: ReturnType<typeof actingFor>) => Partial<Host> = () => ({}), hostEnv: Readonly<Record<string, string>> = {}) {
    const files = new Map<string, string>();
    const inputs: string[] = [];
    let env: Readonly<Record<string, string>> = {};
    let said = "";
    const lines: string[] = [];
    const progress = { ...SILENT, say: (line: string) => void lines.push(line) };
    const acting = { ...actingFor(), progress, session: { ...actingFor().session, runDir: folder, stateDir: folder, cacheDir: folder, hostEnv } };
    const { told, host } = fakeHost();
    const guest: Guest = {
      machine: {} as Guest["machine"],
      open: async () => expect.fail("nothing opens a channel"),
      run: async (argv, { input } = {}) => { told.push(argv.slice(0, 2).join(" ")); if (input !== undefined) inputs.push(String(input)); return { stdout: "", stderr: "" }; },
      start: async () => expect.fail("nothing stays"),
      connect: async () => expect.fail("nothing connects"),
      writeFiles: async (written) => { for (const { path, content } of written) files.set(path, String(content)); },
      writeFile: async (path, content) => void files.set(path, String(content)),
    };
    const startMachine = async (_image: unknown, plan: MachinePlan, { scope, signal }: typeof acting) => {
      const network = await openNetwork(plan.localRanges, { scope, signal });
      for (const step of beginSteps(plan, scope)) await step(network, scope);
      return guest.machine;
    };
    const agent = definePlugin({
      name: "agent", description: "", options: z.strictObject({}), after: ["egress"],
      boot: (_machine, { use }) => use("egress").allow("api.test:443", "agent"),
      attach: (_launch, { use }) => { said = use("egress").describe(); },
    });
    const session = openSession({
      acting,
      host: { ...host, startMachine, enterGuest: async () => guest, attach: async (_guest, launch) => { env = launch.env; return 0; }, ...overrides(acting) },
      plugins: [{ plugin: agent, options: {} }, { plugin: egress, options: egress.options.parse(options) }],
      known: ["agent", "egress"], recipe: { suite: "trixie", packages: [] }, request: { kind: "exec", argv: ["true"] },
    });
    const outcome = await live(session).catch((error: unknown) => error);
    await acting.scope.close();
    return { outcome, told, files, inputs, env, said, lines };
  }

  it("starts the gateway with the user's rules and those of plugins, and tells the agent of them", async () => {
    const { outcome, told, said, env } = await liveWith({ allow: ["a.test"] });
    expect(outcome).to.equal(0);
    expect(told[0]).to.equal("image of ca-certificates openssl");
    expect(said).to.match(/^These hosts can be reached: a\.test, api\.test \(port 443\)\./);
    expect(Object.keys(env).length > 0).to.equal(ofSystem.length > 0);
  });

  it("allows what a preset finds on the host, sets the guest to it, and says what it did not find", async () => {
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "bin/npm"), `#!/bin/sh\necho 'registry = "https://me:***@npm.corp.example/x/"'\n`, { mode: 0o755 });
    const hostEnv = { PATH: `${folder}/bin`, HOME: folder };
    const { outcome, said, env, files, lines } = await liveWith({ presets: ["npm", "docker"], allow: ["*.github.io"] }, undefined, hostEnv);
    expect(outcome).to.equal(0);
    expect(said).to.match(/^These hosts can be reached: \*\.github\.io, npm\.corp\.example \(port 443\), api\.test \(port 443\)\./);
    expect(env).to.include({ npm_config_registry: "https://npm.corp.example/x/" });
    expect([...files]).to.deep.equal([["/etc/cloche/npmrc", "registry=https://npm.corp.example/x/\n"]]);
    expect(lines[0]).to.match(/^The preset docker of egress allows nothing: the host's docker/);
    expect(lines[1]).to.equal("The rule *.github.io of egress covers names that anybody can have below github.io.");
  });

  it("tells the agent's plugin when the user changes the rules, and describes those in force", async () => {
    const service = new RuleCollector({ allow: ["a.test"], ask: false });
    const heard: string[] = [];
    const live = new LivePolicy(service.seal(), async (data) => {
      service.changed(data);
      return { closed: 0, addresses: {} };
    });
    const stop = service.onChange(() => heard.push(service.describe()));
    await live.allow(ruleOf("b.test"));
    await live.deny(ruleOf("a.test"));
    await live.open();
    stop();
    await live.close();
    expect(heard.map((text) => text.replace(/ Every other.*?HOST` on the host\./, ""))).to.deep.equal([
      "These hosts can be reached: a.test, b.test.",
      "These hosts can be reached: a.test, b.test. Never to be reached, whatever the task: a.test.",
      "Every public host can be reached, on ports 443 and 80; private addresses cannot. Never to be reached, whatever the task: a.test.",
    ]);
    expect(service.describe()).to.match(/^These hosts can be reached: a\.test, b\.test\. Every other host/);
  });

  it("says at the end of a record which rules would have done", async () => {
    const { outcome, lines } = await liveWith({ record: true });
    expect(outcome).to.equal(0);
    expect(lines).to.deep.equal(["These rules would have done for this session, in egress.allow: []"]);
  });

  it("does not start with a proxy that it does not understand, since going out directly may be forbidden", async () => {
    const { outcome } = await liveWith({}, undefined, { HTTPS_PROXY: "ftp://me:secret@proxy" });
    expect(isFailure(outcome, "EGRESS_PROXY_INVALID")).to.equal(true);
    expect((outcome as Error).message).to.include("HTTPS_PROXY").and.not.include("secret");
  });

  it("makes the guest trust the certificates of upstreams", async () => {
    const upstream = { address: "127.0.0.1", port: 8443, ca: join(folder, "ca.pem") };
    const { outcome, files, env, inputs } = await liveWith({ upstreams: { "api.test": upstream, "other.test": upstream } });
    expect(outcome).to.equal(0);
    expect(inputs).to.deep.equal([[ca, ...ofSystem].join("")]);
    expect([...files.keys()]).to.deep.equal([]);
    expect(env).to.include({ NODE_EXTRA_CA_CERTS: "/usr/local/share/ca-certificates/cloche.crt", PIP_CERT: "/etc/ssl/certs/ca-certificates.crt" });
  });

  it("makes it trust what the host was made to trust, and what the client of a preset is set to", async () => {
    mkdirSync(join(folder, "bin"));
    const said = `registry = "https://npm.corp.example/"\ncafile = "${join(folder, "npm.pem")}"`;
    writeFileSync(join(folder, "bin/npm"), `#!/bin/sh\necho '${said}'\n`, { mode: 0o755 });
    writeFileSync(join(folder, "npm.pem"), ofNpm);
    writeFileSync(join(folder, "host.pem"), ofHost);
    const hostEnv = { PATH: `${folder}/bin`, HOME: folder, SSL_CERT_FILE: join(folder, "host.pem") };
    const { outcome, inputs, env } = await liveWith({ presets: ["npm"] }, undefined, hostEnv);
    expect(outcome).to.equal(0);
    expect(inputs).to.deep.equal([[ofNpm, ...ofSystem, ofHost].join("")]);
    expect(env).to.include({ CURL_CA_BUNDLE: "/etc/ssl/certs/ca-certificates.crt", npm_config_registry: "https://npm.corp.example/" });
    expect((await liveWith({ mode: "off", presets: ["npm"] }, undefined, hostEnv)).inputs, "with nothing to reach").to.deep.equal([]);
  });

  it("does not start with certificates that cannot be read", async () => {
    writeFileSync(join(folder, "empty.pem"), "nothing\n");
    writeFileSync(join(folder, "bad.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    for (const file of ["missing.pem", "empty.pem", "bad.pem", "."]) {
      const { outcome } = await liveWith({ upstreams: { "api.test": { address: "127.0.0.1", port: 1, ca: join(folder, file) } } });
      expect(isFailure(outcome, "EGRESS_CA_UNREADABLE"), file).to.equal(true);
    }
  });

  for (const [when, isUp] of [["as soon as it began", () => true], ["when the gateway runs, which nobody has used yet", () => gateways().length > 0]] as const) {
    it(`leaves no gateway when the start ends before there is a network: ${when}`, async () => {
      let begun = 0;
      const { outcome } = await liveWith({}, () => ({
        startMachine: async (_image, plan, { scope }) => {
          beginSteps(plan, scope);
          for (const until = Date.now() + 10_000; !isUp() && Date.now() < until; ) await sleep(5);
          begun = gateways().length;
          throw new Interrupted("SIGINT");
        },
      }));
      expect(outcome).to.be.instanceOf(Interrupted);
      expect(begun).to.equal(when.startsWith("as") ? begun : 1);
      for (const until = Date.now() + 10_000; gateways().length > 0 && Date.now() < until; ) await sleep(5);
      expect(gateways()).to.deep.equal([]);
    });
  }

  it("begins no gateway for a machine that never starts, as when only a template is made", async () => {
    const { outcome } = await liveWith({}, () => ({ startMachine: async () => { throw new Error("stop here"); } }));
    expect((outcome as Error).message).to.equal("stop here");
    expect(gateways()).to.deep.equal([]);
  });

  it("ends the session when the gateway dies", async () => {
    const { outcome } = await liveWith({}, () => ({
      attach: async (_guest, _launch, { signal }) => {
        process.kill(gatewayPid(), "SIGKILL");
        return await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
    }));
    expect(isFailure(outcome, "PLUGIN_GAVE_UP")).to.equal(true);
    expect((outcome as Error).message).to.match(/^The plugin "egress" ended the session: The gateway, the guest's only way to the network, ended: SIGKILL/);
  });
});

function ruleOf(text: string) {
  const reading = readRule(text);
  return "rule" in reading ? reading.rule : expect.fail(reading.why);
}

/** The gateway among our children. */
function gatewayPid(): number {
  return gateways()[0] ?? expect.fail("no gateway");
}

function gateways(): readonly number[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return children.filter((pid) => commandLineOf(pid).includes("gateway/main")).map(Number);
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it has just ended
  }
}
