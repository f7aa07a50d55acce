import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { finish } from "../../core/machine/guest-run.ts";
import type { CommandOutput } from "../../core/machine/guest.ts";
import { makeMachineId } from "../../core/machine/seed.ts";
import { SeedPort } from "../../core/machine/seed-port.ts";
import { isFailure } from "../../core/support/errors.ts";
import { eventually } from "../core/sessions/support.ts";
import { seedScriptIn } from "../support/seed-script.ts";

const WAIT = { deadlineMs: 5_000, signal: new AbortController().signal };
const SEED = { hostname: "h", machineId: makeMachineId(), hostKey: "k", authorizedKey: "a", dial: "127.0.0.1:1" };

describe("Commands of ours, as the guest's seed receiver runs them", () => {
  const folder = mkdtempSync(join(tmpdir(), "cloche-commands-"));
  let child: ChildProcess;
  let socket: Socket;
  let port: SeedPort;

  before(async () => {
    const script = seedScriptIn(folder)
      .replaceAll("/usr/lib/cloche/sh", "/bin/sh")
      .replace(/^sub apply \{$/m, "sub apply { return;")
      .replace(/^sub set_clock \{$/m, "sub set_clock { return;");
    writeFileSync(join(folder, "seed.pl"), script);
    const server = createServer().listen(join(folder, "port"));
    await once(server, "listening");
    child = spawn("perl", [join(folder, "seed.pl")], { stdio: "ignore" });
    [socket] = (await once(server, "connection")) as [Socket];
    server.close();
    socket.on("error", () => {});
    port = new SeedPort(socket, () => "");
    await port.greet(WAIT);
    await port.plant(SEED, WAIT);
  });
  after(() => {
    child.kill("SIGKILL");
    socket.destroy();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = async (line: string, input: string | Uint8Array = "", deadlineMs = 10_000): Promise<CommandOutput> =>
    await finish(Promise.resolve(port.commands.run(line, async (reason) => reason)), [line], input, deadlineMs);

  it("give root's shell a line, and pass on both outputs and the status", async () => {
    expect(await run("cat; echo warned >&2", "read\n")).to.deep.equal({ stdout: "read\n", stderr: "warned\n" });
    const refusal = async (line: string): Promise<string> => await run(line).then(() => "it did not fail", (error: Error) => error.message);
    expect(await refusal("exit 7")).to.contain("ended with status 7");
    expect(await refusal("kill -9 $$")).to.contain("ended by the signal KILL");
  });

  it("carry any bytes, as many as a file has", async () => {
    const bytes = Buffer.from(Array.from({ length: 700_000 }, (_, index) => (index * 7 + (index >> 8)) % 256));
    const { stdout } = await run("md5sum", bytes);
    const { createHash } = await import("node:crypto");
    expect(stdout.split(" ")[0]).to.equal(createHash("md5").update(bytes).digest("hex"));
  });

  it("do not mind a command that does not read", async () => {
    expect(await run("exec <&-; echo done", "x".repeat(300_000))).to.include({ stdout: "done\n" });
  });

  it("have root's usual environment, and nothing of the receiver's", async () => {
    const { stdout } = await run("umask; env | sort");
    expect(stdout).to.match(/^0?022\n/).and.to.contain("HOME=/root\n").and.to.match(/^PATH=.*\/usr\/sbin/m);
    const { stdout: open } = await run("ls /proc/$$/fd");
    // whoever runs this test may have given us one of a high number
    expect(open.trim().split(/\s+/).filter((number) => Number(number) < 100)).to.have.members(["0", "1", "2"]);
  });

  it("end quietly when nobody reads what they say", async () => {
    expect(await run("yes | head -n 1")).to.deep.equal({ stdout: "y\n", stderr: "" });
  });

  it("run side by side, and the clock is set meanwhile", async () => {
    const slow = run(`while [ -d ${folder} ] && [ ! -e ${folder}/go ]; do sleep 0.02; done; echo slow`);
    await port.setClock(Date.now(), WAIT);
    expect((await run(`touch ${folder}/go; echo quick`)).stdout).to.equal("quick\n");
    expect((await slow).stdout).to.equal("slow\n");
  });

  it("are ended, with what they started, when they are given up", async () => {
    const late = await run(`sleep 300 & echo $! >${folder}/pid; wait`, "", 700).catch((reason: unknown) => reason);
    expect(isFailure(late, "GUEST_COMMAND_LATE")).to.equal(true);
    const pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    await eventually("it has ended", () => !existsSync(`/proc/${pid}`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1")));
  });

  it("stay and are talked to, however much there is to say", async () => {
    const channel = port.commands.start("n=0; while read -r line; do n=$((n + 1)); done; echo $n; read x || echo over", async (reason) => reason);
    for (let line = 0; line < 3000; line += 1) channel.stdin.write(`${"x".repeat(40)}\n`);
    channel.stdin.end();
    let said = "";
    channel.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    channel.stderr.resume();
    expect(await channel.ended).to.deep.equal({ kind: "exit", status: 0 });
    expect(said).to.equal("3000\nover\n");
  });

  it("see the end of what they read though others run", async () => {
    const first = port.commands.start("cat >/dev/null; echo over", async (reason) => reason);
    const second = port.commands.start("cat >/dev/null", async (reason) => reason);
    for (const stream of [first.stderr, second.stdout, second.stderr]) stream.resume();
    first.stdin.end();
    const [said] = (await once(first.stdout, "data")) as [Buffer];
    expect(said.toString()).to.equal("over\n");
    second.stdin.end();
    expect(await second.ended).to.deep.equal({ kind: "exit", status: 0 });
  });

  it("go on being fed when they have closed what they read from", async () => {
    const channel = port.commands.start(`exec <&-; while [ -d ${folder} ] && [ ! -e ${folder}/fed ]; do sleep 0.02; done; echo done`, async (reason) => reason);
    await new Promise<void>((resolve) => channel.stdin.end("x".repeat(200_000), () => resolve()));
    writeFileSync(join(folder, "fed"), "");
    channel.stderr.resume();
    let said = "";
    channel.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    expect(await channel.ended).to.deep.equal({ kind: "exit", status: 0 });
    expect(said).to.equal("done\n");
  });

  it("are refused when they are nonsense", async () => {
    const said: string[] = [];
    const listening = (chunk: Buffer): void => void said.push(chunk.toString());
    socket.on("data", listening);
    socket.write("run x 5\nrun 5 99999999\n");
    await eventually("it has refused both", () => said.join("").split("error bad command\n").length === 3);
    socket.off("data", listening);
  });
});
