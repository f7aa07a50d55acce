import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { Disposers } from "../../../core/support/disposers.ts";
import { isFailure } from "../../../core/support/errors.ts";
import { logger } from "../../../core/support/log.ts";
import { startGateway } from "../../../plugins/egress/gateway-process.ts";
import { filesBelow, staticImportsOf } from "../../support/sources.ts";
import { policyData } from "./support/policy.ts";

describe("The gateway's process", () => {
  let folder: string;
  let auditFile: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-test-"));
    auditFile = join(folder, "egress.jsonl");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function reach(scope: Disposers, onGone: (cause: Error) => void = () => {}) {
    return { scope, signal: new AbortController().signal, log: logger("egress"), onGone };
  }

  it("ends when its owner is killed outright", async () => {
    const script = fileURLToPath(new URL("support/owner-child.ts", import.meta.url));
    const owner = spawn(process.execPath, [script, auditFile], { stdio: ["ignore", "pipe", "inherit"] });
    const pid = Number(String(((await once(owner.stdout, "data")) as [Buffer])[0]));
    expect(isAlive(pid)).to.equal(true);
    owner.kill("SIGKILL");
    await until(() => !isAlive(pid));
  });

  it("has nothing of our environment, and tells nothing by its arguments", async () => {
    await using scope = new Disposers();
    process.env["CLOCHE_CANARY"] = "canary";
    const { pid } = await startGateway({ session: "secret-session", policy: policyData({}), upstreams: [], parts: [], auditFile }, reach(scope));
    delete process.env["CLOCHE_CANARY"];
    const names = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean).map((entry) => entry.split("=")[0]);
    expect(names).to.have.members(["NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE"]);
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).to.not.include("secret-session");
  });

  it("does not hear Ctrl-C of our terminal, and ends with the scope", async () => {
    const scope = new Disposers();
    let gone: Error | undefined;
    const { pid } = await startGateway({ session: "test", policy: policyData({}), upstreams: [], parts: [], auditFile }, reach(scope, (cause) => { gone = cause; }));
    const [group] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ").slice(2) ?? [];
    expect(Number(group)).to.equal(pid); // signals of a terminal go to its foreground process group
    await scope.close();
    expect(isAlive(pid)).to.equal(false);
    expect(gone).to.equal(undefined);
  });

  it("loads TLS and HTTP only when somebody needs them: each takes as long as all else of its start", () => {
    const all = new Set<string>();
    const visit = (path: string): void => {
      if (all.has(path)) return;
      all.add(path);
      if (path.startsWith("plugins/")) for (const imported of staticImportsOf(path)) visit(imported);
    };
    for (const path of ["plugins/egress/gateway/main.ts", "plugins/egress/index.ts"]) visit(path);
    expect([...all]).to.include("plugins/egress/gateway/dial.ts").and.include("plugins/egress/trust/private-authorities.ts");
    expect([...all].filter((one) => ["node:tls", "node:https", "node:http", "node:http2"].includes(one))).to.deep.equal([]);
  });

  it("never imports HTTP as a module, which would bring everything that it can export", () => {
    const files = filesBelow("plugins/egress/gateway");
    expect(files).to.include("plugins/egress/gateway/http/node-http.ts");
    expect(files.filter((path) => staticImportsOf(path).includes("node:http"))).to.deep.equal([]);
  });

  it("says why it cannot start", async () => {
    await using scope = new Disposers();
    const started = startGateway({ session: "test", policy: policyData({}), upstreams: [], parts: [], auditFile: join(folder, "missing", "x") }, reach(scope));
    const error = await started.then(() => undefined, (reason: unknown) => reason);
    expect(isFailure(error, "EGRESS_GATEWAY_FAILED")).to.equal(true);
    expect((error as Error).message).to.match(/ENOENT.*missing\/x/);
  });
});

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
