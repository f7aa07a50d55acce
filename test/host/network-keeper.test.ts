import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { eventually } from "../core/sessions/support.ts";
import { linkOr, readOr } from "../support/proc.ts";
import { quoted } from "../support/quoted.ts";
import { ROOT } from "../support/sources.ts";
import { holdersOf, kinOf, Launched, openIn, type Report } from "./launched.ts";

const WAIT = "setInterval(() => {}, 1_000);";

describe("What keeps the network that was made while Node started", function () {
  this.timeout(30_000);
  let launched: Launched;
  beforeEach(() => (launched = new Launched()));
  afterEach(() => launched[Symbol.dispose]());

  /** Its processes, once the shell in the network is there. */
  const keepersOf = async ({ pipes, pid }: Report): Promise<readonly string[]> => {
    const shells = () => holdersOf(pipes, pid).filter((one) => readOr(`/proc/${one}/cmdline`).startsWith("/bin/sh\0"));
    await eventually("the keeper waits in its network", () => shells().some((one) => linkOr(`/proc/${one}/ns/net`) !== linkOr("/proc/self/ns/net")));
    return holdersOf(pipes, pid);
  };
  const isGone = async ({ pipes, pid }: Report) => await eventually("the keeper is gone", () => holdersOf(pipes, pid).length === 0);

  it("has its three streams open and nothing else: not the other ends, nor what whoever started it left open", async () => {
    launched.writeMain(WAIT);
    launched.start(["run"], { line: 'mkfifo other; exec 8<>other 9<other; exec "$@"' });
    const report = await launched.report();
    const [input = "", output = "", error = ""] = report.pipes;
    expect(Object.values(openIn(String(report.pid))).filter((link) => link === join(launched.folder, "other")), "which Node has").to.have.length(2);
    for (const keeper of await keepersOf(report)) {
      const open = openIn(keeper);
      expect([open[0], open[1], open[2]]).to.deep.equal([input, output, error]);
      expect(readOr(`/proc/${keeper}/fdinfo/0`)).to.match(/^flags:\s+0?[0-7]*0$/m);
      expect(Object.entries(open).filter(([fd, link]) => Number(fd) > 2 && !link.startsWith("anon_inode:"))).to.deep.equal([]);
    }
    expect(Object.values(openIn(String(report.pid))).filter((link) => report.pipes.includes(link)), "Node has one end of each").to.have.length(3);
  });

  it("is in a session of its own and nobody's child, below / and with an empty environment", async () => {
    launched.writeMain(WAIT);
    launched.start(["run"], { env: { SECRET: "4711" } });
    const report = await launched.report();
    const keepers = await keepersOf(report);
    const [, group, session] = kinOf(report.pid);
    expect(keepers).to.not.deep.equal([]);
    for (const keeper of keepers) {
      const [parent, itsGroup, itsSession] = kinOf(keeper);
      expect([group, session]).to.not.include.oneOf([itsGroup, itsSession]);
      expect(parent).to.not.equal(report.pid);
      expect(linkOr(`/proc/${keeper}/cwd`)).to.equal("/");
      expect(readOr(`/proc/${keeper}/environ`)).to.not.include("SECRET");
      expect(readOr(`/proc/${keeper}/status`), "no signal is ignored").to.match(/^SigIgn:\s+0+$/m);
    }
    expect(readOr(`/proc/${report.pid}/task/${report.pid}/children`)).to.equal("");
  });

  it("ends with a Node that never takes it", async () => {
    launched.writeMain('process.stdin.once("data", () => process.exit(7));');
    const { child, ended } = launched.start(["run"]);
    const report = await launched.report();
    await keepersOf(report);
    await sleep(100);
    expect(holdersOf(report.pipes, report.pid), "while Node runs").to.not.deep.equal([]);
    child.stdin.write("x");
    expect(await ended).to.deep.equal({ status: 7, said: "" });
    await isGone(report);
  });

  it("ends when Node is killed", async () => {
    launched.writeMain(WAIT);
    const { child, ended } = launched.start(["run"]);
    const report = await launched.report();
    await keepersOf(report);
    child.kill("SIGKILL");
    expect((await ended).status).to.equal("SIGKILL");
    await isGone(report);
  });

  it("ends when Node is killed at once, and says nothing of it", async () => {
    launched.writeNode('for fd in $CLOCHE_NETWORK_AHEAD; do readlink "/proc/$$/fd/$fd"; done; kill -9 $$');
    for (let times = 0; times < 10; times += 1) {
      const { status, said } = await launched.start(["run"]).ended;
      const pipes = said.trim().split("\n");
      expect([status, pipes.length]).to.deep.equal(["SIGKILL", 3]);
      await eventually("the keeper is gone", () => holdersOf(pipes, 0).length === 0);
    }
  });

  it("outlives Ctrl-C at the terminal for as long as Node does", async () => {
    launched.writeMain(`process.on("SIGINT", () => process.stdout.write("heard")); ${WAIT}`);
    const { child } = launched.start(["run"], { line: 'exec setsid "$@"' });
    const report = await launched.report();
    await keepersOf(report);
    const heard = new Promise((resolve) => child.stdout.once("data", resolve));
    process.kill(-kinOf(report.pid)[1], "SIGINT");
    await heard;
    await sleep(100);
    expect(holdersOf(report.pipes, report.pid)).to.not.deep.equal([]);
    child.kill("SIGKILL");
    await isGone(report);
  });

  it("is what Node takes, of which its children know nothing, and goes while Node runs on", async () => {
    launched.writeMain(`
      import { execFileSync } from "node:child_process";
      const from = async (path) => await import(${JSON.stringify(`${ROOT}/core/`)} + path);
      (await from("support/launcher.ts")).hearLauncher(process.env);
      const scope = new (await from("support/disposers.ts")).Disposers();
      const { openNetwork } = await from("machine/jail/network.ts");
      const { namespace } = await openNetwork(["192.0.2.0/24"], { scope, signal: new AbortController().signal });
      const child = execFileSync("/bin/sh", ["-c", "env; ls -l /proc/$$/fd"], { encoding: "latin1" });
      console.log(JSON.stringify({ namespace, child }));
      process.stdin.once("data", async () => { await scope.close(); console.log("closed"); });
      ${WAIT}`);
    const { child } = launched.start(["run"]);
    const report = await launched.report();
    const keepers = await keepersOf(report);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const said = JSON.parse(String(line)) as { readonly namespace: string; readonly child: string };
    expect(keepers.map((keeper) => linkOr(`/proc/${keeper}/ns/net`))).to.include(said.namespace);
    expect(said.child).to.include("PATH=").and.not.include("CLOCHE_NETWORK_AHEAD");
    for (const pipe of report.pipes) expect(said.child).to.not.include(pipe);
    child.stdin.write("x");
    await once(child.stdout, "data");
    expect(holdersOf(report.pipes, report.pid)).to.deep.equal([]);
    expect(Object.values(openIn(String(report.pid))).filter((link) => report.pipes.includes(link))).to.deep.equal([]);
  });

  it("is the same without a program: it answers with its number, adds ranges, and ends with its input", async () => {
    const child = spawn("/usr/bin/perl", [join(ROOT, "host/network.pl")], { env: {}, stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece: Buffer) => (said += String(piece)));
    const closed = new Promise((resolve) => child.once("close", resolve));
    child.stdin.end("192.0.2.0/24\n\nnot a range\n\n");
    expect(await closed).to.equal(1);
    const [first, second, ...error] = said.trim().split("\n");
    expect(first).to.match(/^\d+$/).and.equal(second);
    expect(error.join("\n")).to.include('"not a range"');
  });

  it("is of no matter to a Node that cannot be started", async () => {
    launched.writeNode(`exec ${quoted(join(launched.folder, "nowhere"))}`);
    const { status } = await launched.start(["run"]).ended;
    expect(status).to.equal(127);
    launched.change("node=node", "node=/nonexistent/node");
    const { status: without, said } = await launched.start(["run"]).ended;
    expect([without, said]).to.deep.equal([127, "cloche: /nonexistent/node: No such file or directory\n"]);
  });
});
