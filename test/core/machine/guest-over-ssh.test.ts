import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import type { Readable } from "node:stream";
import { expect } from "chai";
import { GuestOverSsh } from "../../../core/machine/guest-over-ssh.ts";
import type { GuestChannel, GuestCommand } from "../../../core/machine/guest.ts";
import { acceptSsh } from "../../../core/machine/ssh-accept.ts";
import { processesBelow } from "../../../core/sessions/usage.ts";
import { ClocheError } from "../../../core/support/errors.ts";
import { FakeMachine } from "../../support/fake-machine.ts";
import { TestSshd } from "../../support/sshd.ts";

async function all(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function until<T>(look: () => T | undefined): Promise<T> {
  for (const end = Date.now() + 10_000; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const found = look();
    if (found !== undefined) return found;
  }
  throw new Error("it did not come");
}

function environOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1");
  } catch {
    return "";
  }
}

async function failure(work: Promise<unknown>): Promise<ClocheError> {
  const error = await work.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof ClocheError)) throw new Error(`not a failure: ${String(error)}`);
  return error;
}

describe("the guest over SSH", function () {
  this.timeout(30_000);
  let sshd: TestSshd;
  let machine: FakeMachine;
  let guest: GuestOverSsh;

  async function enter(): Promise<GuestOverSsh> {
    machine = new FakeMachine();
    machine.dial(await sshd.dial());
    return new GuestOverSsh(machine, await acceptSsh(machine, sshd.login, 10_000, new AbortController().signal));
  }

  before(async () => {
    sshd = await TestSshd.start();
    guest = await enter();
  });

  after(async () => await sshd[Symbol.asyncDispose]());

  const open = (argv: readonly string[], more: Partial<GuestCommand> = {}) => guest.open({ argv, user: "agent", cwd: "/tmp", ...more });

  async function outcome(channel: GuestChannel, input: string | Buffer = "") {
    channel.stdin.end(input);
    const [stdout, stderr, end] = await Promise.all([all(channel.stdout), all(channel.stderr), channel.ended]);
    return { stdout: stdout.toString(), stderr: stderr.toString(), end };
  }

  it("passes every argument as it is", async () => {
    const words = ["", " ", "a b", "'", "''\"", "$(id)", "`id`", "\\", "\n", "*", "~", "-n", "--", "é→𝄞", "\u0001\u001b", "a'b\"c\\d$e", "!x"];
    const { stdout } = await outcome(await open(["printf", "<%s>\\0", ...words]));
    expect(stdout.split("\0").slice(0, -1)).to.deep.equal(words.map((word) => `<${word}>`));
  });

  it("connects to what listens on either loopback, and says so when nothing does", async () => {
    for (const host of ["127.0.0.1", "::1"]) {
      const server = createServer((socket) => socket.end(`from ${host}`)).listen(0, host);
      await once(server, "listening");
      const inside = await guest.connect((server.address() as AddressInfo).port);
      expect((await all(inside)).toString()).to.equal(`from ${host}`);
      inside.destroy();
      server.close();
    }
    const error = await failure(guest.connect(1));
    expect(error.code).to.equal("GUEST_PORT_CLOSED");
    expect(error.message).to.include("at port 1").and.include("refused");
  });

  it("starts it in the directory given, whatever that is called", async () => {
    const folder = "/tmp/cloche test '\"$(id)";
    await guest.run(["mkdir", "-p", folder]);
    try {
      expect((await outcome(await open(["pwd"], { cwd: folder }))).stdout).to.equal(`${folder}\n`);
    } finally {
      await guest.run(["rmdir", folder]);
    }
  });

  it("passes the environment, which never is on a command line", async () => {
    const env = { CLOCHE_TEST_KEY: "sec'ret\nof two lines → é", EMPTY: "" };
    const script = 'printf "%s|%s" "$CLOCHE_TEST_KEY" "$EMPTY"; tr "\\0" " " </proc/$PPID/cmdline /proc/$$/cmdline >&2';
    const { stdout, stderr } = await outcome(await open(["sh", "-c", script], { env }));
    expect(stdout).to.equal("sec'ret\nof two lines → é|");
    expect(stderr).to.not.contain("sec'ret");
  });

  it("keeps standard output and standard error apart, and answers the exit status", async () => {
    const { stdout, stderr, end } = await outcome(await open(["sh", "-c", "echo out; echo err >&2; exit 7"]));
    expect({ stdout, stderr, end }).to.deep.equal({ stdout: "out\n", stderr: "err\n", end: { kind: "exit", status: 7 } });
  });

  it("answers the signal that ended a command", async () => {
    expect((await outcome(await open(["sh", "-c", "kill -SEGV $$"]))).end).to.deep.equal({ kind: "signal", signal: "SEGV" });
  });

  it("passes bytes of every kind in both directions, and the end of the input", async () => {
    const input = randomBytes(5_000_000);
    const channel = await open(["sh", "-c", "cat; echo end >&2"]);
    channel.stdin.end(input);
    const [stdout, stderr] = await Promise.all([all(channel.stdout), all(channel.stderr)]);
    expect(createHash("sha256").update(stdout).digest("hex")).to.equal(createHash("sha256").update(input).digest("hex"));
    expect(stderr.toString()).to.equal("end\n");
  });

  it("makes a command wait whose output nobody reads, instead of keeping it", async () => {
    const channel = await open(["sh", "-c", "head -c 100000000 /dev/zero; echo done >&2"]);
    let said = "";
    channel.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(said).to.equal("");
    expect(channel.stdout.readableLength).to.be.lessThan(10_000_000);
    let size = 0;
    for await (const chunk of channel.stdout as AsyncIterable<Buffer>) size += chunk.length;
    await channel.ended;
    expect({ size, said }).to.deep.equal({ size: 100_000_000, said: "done\n" });
  });

  it("makes the writer wait when a command does not read", async () => {
    const channel = await open(["sleep", "60"]);
    const chunk = Buffer.alloc(65_536);
    let written = 0;
    while (channel.stdin.write(chunk)) written += chunk.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    while (channel.stdin.write(chunk)) written += chunk.length;
    expect(written).to.be.lessThan(10_000_000);
    channel.signal("KILL");
    channel.stdout.resume();
    channel.stderr.resume();
    expect(await channel.ended).to.deep.equal({ kind: "signal", signal: "KILL" });
  });

  it("ends a command that does not read what it was sent", async () => {
    const channel = await open(["sh", "-c", "exit 3"]);
    channel.stdin.write(Buffer.alloc(8_000_000));
    expect((await outcome(channel)).end).to.deep.equal({ kind: "exit", status: 3 });
  });

  it("passes signals, also after the end of the input", async () => {
    const channel = await open(["sh", "-c", "trap 'echo got; exit 9' TERM; echo up; while :; do sleep 0.05; done"]);
    channel.stdin.end();
    channel.stdout.once("data", () => channel.signal("TERM"));
    expect((await all(channel.stdout)).toString()).to.equal("up\ngot\n");
    channel.stderr.resume();
    expect(await channel.ended).to.deep.equal({ kind: "exit", status: 9 });
  });

  it("does not let a signal's name become a command", async () => {
    const channel = await open(["true"]);
    expect(() => channel.signal("TERM; touch /tmp/x")).to.throw("not the name of a signal");
    await outcome(channel);
  });

  it("gives a terminal of the size and kind asked for, and tells it of another size", async () => {
    const tty = { columns: 91, rows: 23, term: "xterm-256color" };
    const script = "stty size; echo $TERM; trap 'stty size; exit 0' WINCH; echo up; while :; do sleep 0.05; done";
    const channel = await open(["sh", "-c", script], { tty });
    let said = "";
    channel.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.endsWith("up\r\n")) channel.resize({ columns: 44, rows: 11 });
    });
    channel.stderr.resume();
    await channel.ended;
    expect(said.split("\r\n")).to.deep.equal(["23 91", "xterm-256color", "up", "11 44", ""]);
  });

  it("starts a shell when there is no command", async () => {
    expect((await outcome(await open([]), "echo $((6*7)); exit 5\n"))).to.deep.include({ stdout: "42\n", end: { kind: "exit", status: 5 } });
  });

  it("carries many commands at once", async () => {
    const numbers = Array.from({ length: 9 }, (_, index) => String(index));
    const said = await Promise.all(numbers.map(async (n) => (await guest.run(["echo", n])).stdout));
    expect(said).to.deep.equal(numbers.map((n) => `${n}\n`));
  });

  describe("a channel that has gone ahead", () => {
    const seen = new Set<number>();

    /** The next one that waits: its environment tells what it was started by. */
    async function ahead(): Promise<number> {
      const isOne = (pid: number): boolean => !seen.has(pid) && /\0SSH_ORIGINAL_COMMAND=echo cloche-\w+:\$\$; (?:export [^\0]*; )?set -- agent; \. [^\0 ]*\0/.test(`\0${environOf(pid)}`);
      const found = await until(() => processesBelow(process.pid).find(isOne));
      seen.add(found);
      return found;
    }

    /** The one that waits and has this variable. */
    async function aheadWith(name: string): Promise<number> {
      const isOne = (pid: number): boolean => new RegExp(`\\0SSH_ORIGINAL_COMMAND=echo cloche-\\w+:\\$\\$; [^\\0]*export ${name}=`).test(`\0${environOf(pid)}`);
      const found = await until(() => processesBelow(process.pid).find(isOne));
      seen.add(found);
      return found;
    }

    /** Whether what waited became a command. The number that it sees of itself may be another: the server has its own. */
    async function becomes(pid: number, more: Partial<GuestCommand> = {}): Promise<boolean> {
      const channel = await open(["sh", "-c", "echo up; read -r _"], more);
      await once(channel.stdout, "readable");
      const is = readFileSync(`/proc/${pid}/cmdline`, "latin1").startsWith("sh\0"); // no bash that waits
      await outcome(channel, "\n");
      return is;
    }

    it("becomes the next command, once there were two, if it can", async () => {
      guest = await enter();
      for (const pid of processesBelow(process.pid)) seen.add(pid); // of tests before
      await outcome(await open(["true"]));
      await outcome(await open(["true"]));
      const first = await ahead();
      expect(await becomes(first, { env: { LINES_OF: "a\nb\n" } })).to.equal(true);
      const second = await ahead();
      expect(await becomes(second, { env: { "a-name": "" } }), "a name that the shell does not know").to.equal(false);
      expect(await becomes(second, { env: { IFS: "x" } }), "a name that the shell goes by").to.equal(false);
      expect(await becomes(second, { env: { LONG: "x".repeat(5000) } }), "a long one").to.equal(false);
      expect(await becomes(second, { tty: { columns: 80, rows: 24, term: "xterm" } }), "one with a terminal").to.equal(false);
      expect(await becomes(second), "what all of them left").to.equal(true);
    });

    it("gives the command all of its input and no more, its words, its variables and its own end", async () => {
      await ahead();
      const input = randomBytes(300_000);
      const script = 'printf "%s|" "$@" "$npm_config_x"; sha256sum; exit 7';
      const channel = await open(["sh", "-c", script, "sh", "a\nb", "'", "$'\\n'", ""], { env: { npm_config_x: "\n'\n" } });
      const { stdout, end } = await outcome(channel, input);
      expect(stdout).to.equal(`a\nb|'|$'\\n'||\n'\n|${createHash("sha256").update(input).digest("hex")}  -\n`);
      expect(end).to.deep.equal({ kind: "exit", status: 7 });
    });

    it("has the environment of the command before, and is told what is another", async () => {
      const show = ["sh", "-c", 'printf "%s|" "$SAME" "$OTHER" "${GONE-none}" "$NEW"'];
      const before = { SAME: "it's\nthe same", OTHER: "1", GONE: "2" };
      await outcome(await open(["true"], { env: before }));
      expect(environOf(await aheadWith("SAME"))).to.include("export SAME='it'\\''s\nthe same'; export OTHER='1'; export GONE='2'; set -- agent;");
      const { stdout } = await outcome(await open(show, { env: { SAME: before.SAME, OTHER: "3", NEW: "4\n" } }));
      expect(stdout).to.equal("it's\nthe same|3|none|4\n|");
      expect(environOf(await aheadWith("NEW"))).to.not.include("GONE");
      const last = await open(["cat"]); // takes the one that waits, so that the next is for what comes now
      await outcome(await open(["true"], { env: { IFS: "x" } }));
      expect(environOf(await ahead())).to.not.include("IFS");
      await outcome(last, "");
      await outcome(await open(["true"]));
    });

    it("is told signals as any other", async () => {
      await ahead();
      const channel = await open(["sh", "-c", "trap 'echo hup; exit 3' HUP; echo up; while :; do sleep 0.05; done"]);
      await once(channel.stdout, "readable");
      channel.signal("HUP");
      expect(await outcome(channel)).to.deep.include({ stdout: "up\nhup\n", end: { kind: "exit", status: 3 } });
    });

    it("is not used when it was ended in the guest", async () => {
      const pid = await ahead();
      process.kill(pid, "SIGKILL");
      await until(() => !existsSync(`/proc/${pid}`) || undefined);
      await new Promise((resolve) => setTimeout(resolve, 1000)); // the server, which has seen it, says so in its time
      expect(await outcome(await open(["echo", "even so"]))).to.deep.include({ stdout: "even so\n", end: { kind: "exit", status: 0 } });
    });
  });

  it("refuses what cannot reach the guest whole", async () => {
    for (const command of [["a\0b"], ["x".repeat(200_000)]]) {
      expect((await failure(open(command))).code).to.equal("GUEST_COMMAND_IMPOSSIBLE");
    }
    const many = Object.fromEntries(Array.from({ length: 129 }, (_, index) => [`V${index}`, ""]));
    for (const env of [{ "A=B": "" }, { A: "\0" }, many]) {
      expect((await failure(open(["true"], { env }))).code).to.equal("GUEST_COMMAND_IMPOSSIBLE");
    }
  });

  describe("short commands of ours", () => {
    it("run at the root of the file system, with input and output", async () => {
      expect(await guest.run(["sh", "-c", "pwd; cat; echo warn >&2"], { input: "in" })).to.deep.equal({ stdout: "/\nin", stderr: "warn\n" });
    });

    it("fail with their status and what they said, escaped", async () => {
      const { code, message } = await failure(guest.run(["sh", "-c", "printf 'no \\033[2Jway' >&2; exit 4"]));
      expect(code).to.equal("GUEST_COMMAND_FAILED");
      expect(message).to.contain("status 4").and.to.contain("no \\u{1b}[2Jway");
    });

    it("have a deadline", async () => {
      expect((await failure(guest.run(["sleep", "60"], { deadlineMs: 200 }))).code).to.equal("GUEST_COMMAND_LATE");
    });

    it("may not say more than 1 MiB", async () => {
      expect((await failure(guest.run(["head", "-c", "2000000", "/dev/zero"]))).code).to.equal("GUEST_OUTPUT_TOO_LONG");
    });
  });

  it("writes files with their directories, bytes and mode", async () => {
    const path = "/tmp/cloche-write 'x/a/b.bin";
    const content = randomBytes(300_000);
    try {
      await guest.writeFile(path, content, 0o640);
      expect((await guest.run(["sha256sum", path])).stdout).to.contain(createHash("sha256").update(content).digest("hex"));
      expect((await guest.run(["stat", "-c", "%a", path])).stdout).to.equal("640\n");
      await guest.writeFile(path, "short");
      expect((await guest.run(["cat", path])).stdout).to.equal("short");
    } finally {
      await guest.run(["rm", "-r", "/tmp/cloche-write 'x"]);
    }
  });
});

describe("a guest whose connection is lost", function () {
  this.timeout(30_000);

  it("says how: the machine's end, what ran out of memory, and the end of the console", async () => {
    await using sshd = await TestSshd.start();
    const machine = new FakeMachine();
    machine.dial(await sshd.dial());
    const guest = new GuestOverSsh(machine, await acceptSsh(machine, sshd.login, 10_000, new AbortController().signal));
    const channel = await guest.open({ argv: ["sh", "-c", "echo up; sleep 60"], user: "agent", cwd: "/tmp" });
    machine.console = "last line";
    machine.killed = ["node"];
    channel.stderr.resume();
    channel.stdout.on("data", () => {
      machine.end({ reason: "failed", detail: "QEMU said no" });
      sshd.killAll();
    });
    const end = await channel.ended;
    expect(end.kind).to.equal("lost");
    expect(end).to.have.property("detail").that.contains("QEMU said no").and.contains("ended: node").and.contains("last line");
    expect((await failure(guest.run(["true"]))).code).to.equal("GUEST_LOST");
  });
});
