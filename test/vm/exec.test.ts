import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { sharedSession, type SharedSession } from "../support/shared-session.ts";
import { ROOT } from "../support/sources.ts";

const MIB = 1024 * 1024;
const MUCH = 200 * MIB;
// much more comes in that time than our buffers hold
const UNREAD_MS = 6000;
const MOST_GROWN = 80 * MIB;

const sha256 = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");

/** The most memory that a process of ours has had, in bytes. */
function peakOf(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

describe("A command in a machine", () => {
  let shared: SharedSession;

  before(async function () {
    this.timeout(5 * 60_000);
    shared = await sharedSession();
  });

  /** The session's command line with a shell script, for a process that the test itself looks after. */
  function spawnScript(script: string) {
    const args = ["exec", "--session", shared.name, "--", "sh", "-c", script];
    return spawn(join(ROOT, "bin/cloche"), args, { cwd: shared.place.project, env: shared.place.env, stdio: "pipe" });
  }

  it("finds the versions of all packages, and the directories of manuals, without which Java's could not be set up", async () => {
    expect(await shared.sh("cut -f 1 /usr/share/cloche/packages | grep -x git; test -d /usr/share/man/man1 && echo manuals")).to.equal("git\nmanuals\n");
  });

  it("has its standard output and its standard error apart, and nothing of ours in them", async () => {
    const ended = await shared.exec(["sh", "-c", "echo out; echo err >&2"]);
    expect(ended).to.deep.equal({ status: 0, stdout: "out\n", stderr: "err\n" });
  });

  it("gets and gives every byte as it is", async () => {
    const sent = randomBytes(MIB);
    const child = spawnScript("cat");
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stdin.end(sent);
    const [status] = (await once(child, "close")) as [number];
    expect(status).to.equal(0);
    expect(sha256(Buffer.concat(chunks))).to.equal(sha256(sent));
  });

  it("writes 200 MiB through us without our memory growing, also when nobody reads for a while", async function () {
    this.timeout(3 * 60_000);
    const child = spawnScript(`echo; head -c ${MUCH} /dev/zero; read -r end`);
    const ours = [child.pid ?? 0, shared.keeper.pid];
    await once(child.stdout, "readable");
    const before = ours.map(peakOf);
    await sleep(UNREAD_MS);
    let bytes = 0;
    await new Promise<void>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > MUCH) resolve();
      });
    });
    const grown = ours.map((pid, index) => peakOf(pid) - (before[index] ?? 0));
    child.stdin.end("\n");
    const [status] = (await once(child, "close")) as [number];
    expect({ status, bytes }).to.deep.equal({ status: 0, bytes: MUCH + 1 });
    expect(Math.max(...grown), grown.join(" ")).to.be.lessThan(MOST_GROWN);
  });

  it("ends with its own status", async () => {
    for (const status of [0, 1, 7, 255]) {
      expect((await shared.exec(["sh", "-c", `exit ${status}`])).status).to.equal(status);
    }
  });

  it("ends with 128 and the number of the signal that ended it", async () => {
    expect((await shared.exec(["sh", "-c", "kill -KILL $$"])).status).to.equal(137);
    expect((await shared.exec(["sh", "-c", "kill -TERM $$"])).status).to.equal(143);
  });

  it("ends with 127 when there is no such program, and with 126 when it cannot be run", async () => {
    const missing = await shared.exec(["no-such-program"]);
    expect(missing.status).to.equal(127);
    expect(missing.stderr).to.include("no-such-program");
    expect((await shared.exec(["/etc/hostname"])).status).to.equal(126);
  });

  it("is the system's program of its name, not what we enter by", async () => {
    for (const argv of [["ls", "--version"], ["/usr/bin/ls", "--version"], ["env", "--version"]]) {
      expect((await shared.exec(argv)).stdout, argv.join(" ")).to.include("GNU coreutils");
    }
    expect((await shared.exec(["ls", "/nowhere"])).status, "of GNU's").to.equal(2);
    expect((await shared.exec(["sh", "-c", "echo $0"])).stdout).to.equal("sh\n");
  });

  it("is ended with us when nobody reads our output any more", async () => {
    const child = spawnScript("exec yes endless");
    await once(child.stdout, "data");
    child.stdout.destroy();
    const [status] = (await once(child, "close")) as [number];
    expect(status).to.equal(128 + 13);
    expect((await shared.exec(["pgrep", "-f", "^yes endless"])).status).to.equal(1);
  });

  it("that was ended by a signal leaves nothing going on in the guest", async () => {
    const started = shared.start(["sh", "-c", "echo up; exec sleep 1000"]);
    await started.says(/up\n/);
    started.kill("SIGTERM");
    expect((await started.ended).status).to.equal(143);
    // each process takes the next number
    const number = async (): Promise<number> => Number((await shared.exec(["sh", "-c", "echo $$"])).stdout);
    const before = await number();
    await sleep(2000);
    expect((await number()) - before).to.be.lessThan(20);
    expect(await shared.sh("ps -e -o args= | grep -c '[s]leep 1000' || true")).to.equal("0\n");
  });

  it("has a terminal when asked for, and none otherwise", async () => {
    expect((await shared.exec(["tty"])).stdout).to.equal("not a tty\n");
    const started = shared.place.cloche(["exec", "-t", "--session", shared.name, "--", "tty"], { input: "" });
    expect((await started.ended).stdout).to.match(/^\/dev\/pts\/\d+\r\n$/);
  });

  it("gets its arguments untouched, whatever is in them", async () => {
    const odd = ["", " ", "a b", `"`, "'", `it's "so"`, "two\nlines\n", "$(id) `id` $HOME", "\\n", "ü 漢 🔔", "-n", "--", "*", "; exit 9", "\t\r\u0001\u007f"];
    const ended = await shared.exec(["printf", "%s\\0", ...odd]);
    expect(ended.stdout.split("\0")).to.deep.equal([...odd, ""]);
  });

  it("runs as the agent, who is not root and has no capability", async () => {
    const said = await shared.sh("id -u; id -G; id -un; grep -h ^Cap /proc/self/status");
    const [uid, groups, name, ...capabilities] = said.trim().split("\n");
    expect([uid, groups, name]).to.deep.equal(["1000", "1000", "agent"]);
    const held = capabilities.filter((line) => !line.startsWith("CapBnd")).map((line) => line.split(/\s+/)[1]);
    expect(held).to.deep.equal(Array(4).fill("0000000000000000"));
  });

  it("starts in the project, at the path that it has on the host, with the agent's home and nothing of our environment", async () => {
    const ended = await shared.exec(["env", "-0"], { env: { ANTHROPIC_API_KEY: "sk-seen" } });
    const env = Object.fromEntries(ended.stdout.split("\0").map((entry) => [entry.split("=", 1)[0], entry.slice(entry.indexOf("=") + 1)]));
    expect(env).to.include({ HOME: "/home/agent", USER: "agent", LANG: "C.UTF-8" });
    expect(ended.stdout).to.not.include("sk-seen").and.not.include(shared.place.home);
    expect((await shared.exec(["pwd"])).stdout).to.equal(`${shared.place.project}\n`);
    expect(shared.place.project).to.include("\n").and.include(`"`);
  });

  it("starts in the folder of the project that we stand in", async () => {
    await shared.sh("mkdir -p 'deep er/ü'");
    const started = shared.place.cloche(["exec", "--session", shared.name, "--", "pwd"], { input: "", cwd: join(shared.place.project, "deep er/ü") });
    expect((await started.ended).stdout).to.equal(`${shared.place.project}/deep er/ü\n`);
  });
});
