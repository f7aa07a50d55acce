import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Disposers } from "../../../core/support/disposers.ts";
import { logger } from "../../../core/support/log.ts";
import { confined } from "../../../plugins/egress/confinement.ts";
import { startGateway } from "../../../plugins/egress/gateway-process.ts";
import { policyData } from "./support/policy.ts";

const [SCHED_OTHER, SCHED_BATCH] = ["0", "3"];

/** How a thread is scheduled, by the kernel's number. */
function policyOf(stat: string): string | undefined {
  return readFileSync(stat, "utf8").split(") ").at(-1)?.split(" ")[38];
}

describe("What the gateway is confined to", () => {
  let folder: string;
  before(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "cloche-test-")));
    for (const name of ["audit", "project", "above", "above/package", "above/package/deep", "installed", "others"]) mkdirSync(join(folder, name));
    symlinkSync(join(folder, "above", "package"), join(folder, "package"));
    symlinkSync(join(folder, "installed"), join(folder, "package", "node_modules"));
    symlinkSync(join(folder, "others"), join(folder, "above", "node_modules"));
    writeFileSync(join(folder, "package", "package.json"), "{}");
    for (const name of ["audit/line", "project/secret", "package/deep/part.js", "installed/one", "others/two", "stranger"]) writeFileSync(join(folder, name), "content\n");
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs a shell script, confined or, for control, as it is. */
  function look(script: string, isConfined = true): string {
    const sight = { writable: [join(folder, "audit")], programs: [join(folder, "package", "deep", "part.js")], hidden: [join(folder, "project")] };
    const argv = ["/bin/sh", "-c", script];
    const [command = "", ...args] = isConfined ? confined(argv, sight) : argv;
    const { stdout, stderr } = spawnSync(command, args, { encoding: "utf8", env: { PATH: "/usr/bin:/bin" }, input: "" });
    return (stdout + stderr).trim();
  }

  it("sees its programs and the audit, and no user's files; writes in the audit alone", () => {
    const read = (path: string) => `cat ${path} 2>&1`;
    for (const name of ["above/package/deep/part.js", "above/package/node_modules/one", "above/node_modules/two"]) expect(look(read(join(folder, name))), name).to.equal("content");
    for (const name of ["project/secret", "stranger"]) {
      expect(look(read(join(folder, name)))).to.match(/No such file/);
      expect(look(read(join(folder, name)), false)).to.equal("content");
    }
    expect(look(`ls -A ${homedir()} | wc -l`)).to.equal("0");
    expect(look(`echo more >>${join(folder, "audit", "line")} && cat ${join(folder, "audit", "line")}`)).to.equal("content\nmore");
    for (const path of ["/etc/cloche-test", "/usr/cloche-test", join(folder, "above", "package", "new")]) {
      expect(look(`: >${path}`)).to.match(/Read-only file system|Permission denied/);
      expect(existsSync(path)).to.equal(false);
    }
  });

  it("finds the host's files mounted so that it cannot write, whoever they belong to", () => {
    const options = `awk '$5 == "/" { print $6 }' /proc/self/mountinfo`;
    expect(look(options)).to.match(/^ro,/);
    // the control: where it may write, it is told so by the same words
    expect(look(options.replace('"/"', `"${join(folder, "audit")}"`))).to.match(/^rw,/);
  });

  it("sees no sockets that others listen on in the file system, and no other process", () => {
    expect(look("ls -A /run /tmp | grep -v -e : -e resolve -e '^$' -e cloche-test; echo done")).to.equal("done");
    const processes = "ls /proc | grep -c '^[0-9]'";
    expect(Number(look(processes))).to.be.lessThan(5);
    expect(Number(look(processes, false))).to.be.greaterThan(5);
  });

  it("has no capability, and leaves no core dump", () => {
    expect(look("grep CapEff /proc/self/status")).to.match(/\t0{16}$/);
    // a normal user's program has none anyway; that root's has none is seen in test/jail/gateway.test.ts
    expect(confined(["true"], { writable: [], programs: [], hidden: [] }).join(" ")).to.include(" --cap-drop ALL ");
    expect(look("grep NoNewPrivs /proc/self/status")).to.match(/1$/);
    expect(look("ulimit -c")).to.equal("0");
    expect(look("ulimit -d")).to.equal(String(2 * 1024 * 1024));
  });

  it("takes no processor from a guest at each packet: it is a batch process", () => {
    const policies = "sed 's/.*) //' /proc/self/task/*/stat | cut -d ' ' -f 39 | sort -u";
    expect(look(policies)).to.equal(SCHED_BATCH);
    expect(look(policies, false), "the control").to.equal(SCHED_OTHER);
  });

  it("is what the gateway runs in", async () => {
    await using scope = new Disposers();
    const config = { session: "test", policy: policyData({}), upstreams: [], parts: [], auditFile: join(folder, "audit", "lines.jsonl") };
    const { pid } = await startGateway(config, { scope, signal: new AbortController().signal, log: logger("egress"), onGone: () => {} });
    const [inner = ""] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
    expect(readFileSync(`/proc/${inner}/cmdline`, "utf8")).to.include("gateway/main");
    expect(readFileSync(`/proc/${inner}/limits`, "utf8")).to.match(/Max core file size\s+0\s+0/);
    expect(readFileSync(`/proc/${inner}/status`, "utf8")).to.match(/CapEff:\t0{16}\n[^]*NoNewPrivs:\t1\n/);
    for (const thread of readdirSync(`/proc/${inner}/task`)) expect(policyOf(`/proc/${inner}/task/${thread}/stat`)).to.equal(SCHED_BATCH);
    expect(readFileSync(`/proc/${inner}/mountinfo`, "utf8")).to.match(new RegExp(` ${homedir()} .* - tmpfs`));
  });
});
