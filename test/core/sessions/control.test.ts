import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { chmodSync, lstatSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { expect } from "chai";
import type { GuestChannel } from "../../../core/machine/guest.ts";
import { controlPath } from "../../../core/sessions/control-path.ts";
import { serveControl, type ControlOptions } from "../../../core/sessions/control-server.ts";
import { encodeFrame, LARGEST_PAYLOAD } from "../../../core/sessions/frames.ts";
import type { OpenRequest } from "../../../core/sessions/messages.ts";
import { Questions } from "../../../core/sessions/questions.ts";
import { openRemote } from "../../../core/sessions/remote-command.ts";
import { Wire } from "../../../core/sessions/wire.ts";
import { Disposers } from "../../../core/support/disposers.ts";
import { ClocheError } from "../../../core/support/errors.ts";
import { breakableProxy } from "./breakable-proxy.ts";
import { localGuest } from "./local-guest.ts";
import { eventually, runtimeDirectory } from "./support.ts";
import { isRunning } from "../../support/proc.ts";

const TEE = "process.stdin.pipe(process.stdout); process.stdin.pipe(process.stderr)";
const never = new AbortController().signal;

/** A session's control socket over a guest of local processes; disposing closes it. */
async function served(changes: Partial<ControlOptions> = {}) {
  const runtime = runtimeDirectory();
  const scope = new Disposers();
  const local = localGuest();
  await serveControl({ name: "fern", runDir: runtime.path, guest: local.guest, project: "/", environment: () => ({}), questions: new Questions(), ...changes }, scope);
  const path = controlPath(runtime.path);
  return {
    ...local, path, runtime, scope,
    open: (request: OpenRequest, through = path) => openRemote({ path: through, name: "fern" }, request, never),
    async [Symbol.asyncDispose]() {
      await scope.close();
      runtime[Symbol.dispose]();
    },
  };
}

/** Everything that a command says, and its end. */
async function outcome(channel: GuestChannel, input: string | Buffer = "") {
  channel.stdin.end(input);
  const [stdout, stderr, end] = await Promise.all([buffer(channel.stdout), text(channel.stderr), channel.ended]);
  return { stdout, stderr, end };
}

const sh = (line: string): OpenRequest => ({ argv: ["/bin/sh", "-c", line] });
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("A command in a running session", () => {
  it("gets its words, directory and input as they are, and gives back both outputs and its status", async () => {
    await using session = await served();
    const argv = ["/bin/sh", "-c", 'printf "%s|" "$@" "$PWD"; cat >&2; exit 7', "sh", "a b", "", "'\"$x\n", "ü"];
    const { stdout, stderr, end } = await outcome(await session.open({ argv, cwd: "/tmp" }), "into stderr");
    expect(stdout.toString()).to.equal("a b||'\"$x\n|ü|/tmp|");
    expect(stderr).to.equal("into stderr");
    expect(end).to.deep.equal({ kind: "exit", status: 7 });
  });

  it("runs as the agent in the project unless told where, with the plugins' variables above the client's, and no others", async () => {
    await using session = await served({ project: "/usr", environment: () => ({ LANG: "of the session", KEY: "k" }) });
    await outcome(await session.open({ argv: ["/bin/true"], env: { LANG: "mine", COLORTERM: "truecolor", SECRET: "s" } }));
    expect(session.opened).to.deep.equal([
      { argv: ["/bin/true"], user: "agent", cwd: "/usr", env: { COLORTERM: "truecolor", LANG: "of the session", KEY: "k" } },
    ]);
  });

  it("passes a terminal's size and its changes on", async () => {
    await using session = await served();
    const tty = { columns: 100, rows: 30, term: "xterm" };
    const channel = await session.open({ ...sh("read line"), tty });
    channel.resize({ columns: 120, rows: 40 });
    await outcome(channel, "\n");
    expect(session.opened[0]?.tty).to.deep.equal(tty);
    expect(session.sizes).to.deep.equal([{ columns: 120, rows: 40 }]);
  });

  it("is ended by a signal, and says by which", async () => {
    await using session = await served();
    const channel = await session.open(sh("echo up; sleep 60"));
    await once(channel.stdout, "readable");
    channel.signal("TERM");
    expect((await outcome(channel)).end).to.deep.equal({ kind: "signal", signal: "TERM" });
  });

  it("moves any amount of any bytes both ways at once", async () => {
    await using session = await served();
    const input = randomBytes(20 * 1024 * 1024);
    const { stdout, end } = await outcome(await session.open({ argv: ["/bin/cat"] }), input);
    expect(end).to.deep.equal({ kind: "exit", status: 0 });
    expect(sha256(stdout)).to.equal(sha256(input));
  });

  it("runs beside others", async () => {
    await using session = await served();
    const outcomes = await Promise.all(Array.from({ length: 12 }, async (_, index) => outcome(await session.open(sh(`cat; echo ${index}`)), "x")));
    expect(outcomes.map(({ stdout }) => stdout.toString())).to.deep.equal(Array.from({ length: 12 }, (_, index) => `x${index}\n`));
  });

  it("waits for a client that does not read", async () => {
    await using session = await served();
    const channel = await session.open(sh("i=0; while :; do i=$((i+1)); printf '%65536d' $i || exit; echo $i >&2; done"));
    let written = 0;
    channel.stderr.on("data", (chunk: Buffer) => { written = Number(chunk.toString().trim().split("\n").at(-1)); });
    let before = -1;
    await eventually("it stands still", async () => {
      const stands = written > 0 && written === before;
      before = written;
      await new Promise((resolve) => { setTimeout(resolve, 150); });
      return stands;
    });
    expect(written * 65_536).to.be.lessThan(2 * 1024 * 1024);
    channel.close();
  });

  it("is refused with the reason that the guest gave", async () => {
    const guest = { open: async () => { throw new ClocheError("X", { message: "no memory", hint: "close something" }); } };
    await using session = await served({ guest: guest as never });
    const error = await session.open(sh("true")).catch((reason: unknown) => reason as ClocheError);
    expect(error).to.include({ code: "CONTROL_REFUSED", hint: "close something" });
    expect((error as ClocheError).message).to.contain("no memory");
  });

  it("is refused before it is sent when it is too long", async () => {
    await using session = await served();
    const error = await session.open({ argv: ["echo", "x".repeat(70_000)] }).catch((reason: unknown) => reason);
    expect(error).to.have.property("code", "COMMAND_LONG");
    expect(session.opened).to.deep.equal([]);
  });

  it("ends with its session, and the client is told", async () => {
    await using session = await served();
    const channel = await session.open(sh("echo up; sleep 60"));
    await once(channel.stdout, "readable");
    const whole = outcome(channel);
    await session.scope.close();
    expect((await whole).end).to.deep.equal({ kind: "lost", detail: "the session ended." });
    await eventually("the process has ended", () => !isRunning(session.pids[0]));
  });
});

describe("A client that goes away", () => {
  it("and says so ends its command at once", async () => {
    await using session = await served();
    const channel = await session.open(sh("trap 'exit 0' HUP; echo up; while :; do sleep 0.05; done"));
    await once(channel.stdout, "readable");
    channel.close();
    expect(await channel.ended).to.have.property("kind", "lost");
    await eventually("the process has ended", () => !isRunning(session.pids[0]));
  });

  it("without a word ends its command after the time of grace, by force if need be", async function () {
    this.timeout(10_000);
    await using session = await served({ graceMs: 100 });
    await using cut = await breakableProxy(session.path, join(session.runtime.path, "proxy"));
    const channel = await session.open(sh("trap '' HUP; echo up; while :; do sleep 0.05; done"), cut.path);
    await once(channel.stdout, "readable");
    cut.refuse();
    expect((await outcome(channel)).end).to.have.property("kind", "lost");
    expect(isRunning(session.pids[0])).to.equal(true);
    await eventually("the process has ended", () => !isRunning(session.pids[0]));
  });

  it("and comes back goes on where it was, in both directions, without a byte lost or doubled", async function () {
    this.timeout(30_000);
    await using session = await served();
    await using cut = await breakableProxy(session.path, join(session.runtime.path, "proxy"));
    const input = randomBytes(8 * 1024 * 1024);
    const channel = await session.open({ argv: [process.execPath, "-e", TEE] }, cut.path);
    const breaking = setInterval(() => cut.breakAll(), 30);
    channel.stdin.end(input);
    const [stdout, stderr, end] = await Promise.all([buffer(channel.stdout), buffer(channel.stderr), channel.ended]);
    clearInterval(breaking);
    expect(cut.broken()).to.be.greaterThan(3);
    expect(end).to.deep.equal({ kind: "exit", status: 0 });
    expect([sha256(stdout), sha256(stderr)]).to.deep.equal([sha256(input), sha256(input)]);
  });

  it("and comes back after the end learns how it ended", async () => {
    await using session = await served();
    await using cut = await breakableProxy(session.path, join(session.runtime.path, "proxy"));
    const channel = await session.open(sh("sleep 0.2; echo done; exit 3"), cut.path);
    cut.hold();
    await eventually("the command has ended meanwhile", () => !isRunning(session.pids[0]));
    cut.goOn();
    const { stdout, end } = await outcome(channel);
    expect(stdout.toString()).to.equal("done\n");
    expect(end).to.deep.equal({ kind: "exit", status: 3 });
  });
});

describe("The control socket", () => {
  it("can be used by its user only", async () => {
    await using session = await served();
    expect(lstatSync(session.path).mode & 0o777).to.equal(0o600);
    if (process.getuid?.() !== 0) return;
    chmodSync(session.runtime.path, 0o755); // so that it is the socket that refuses
    process.seteuid?.(65_534);
    const stranger = connect(session.path);
    process.seteuid?.(0);
    const [error] = await once(stranger, "error") as [NodeJS.ErrnoException];
    expect(error.code).to.equal("EACCES");
  });

  const greeting = encodeFrame("hello", Buffer.from('{"protocol":1}'));
  const json = (kind: "open" | "resume" | "hello", value: unknown) => encodeFrame(kind, Buffer.from(JSON.stringify(value)));
  const hostile: Readonly<Record<string, Buffer>> = {
    "random bytes": randomBytes(1_000),
    "another protocol": Buffer.from("GET / HTTP/1.1\r\n\r\n"),
    "a frame that claims 4 GiB": Buffer.from([255, 255, 255, 255, 0]),
    "no greeting": json("open", { argv: ["true"] }),
    "another version": json("hello", { protocol: 99 }),
    "a greeting that is not JSON": encodeFrame("hello", Buffer.from("{")),
    "a command without words": Buffer.concat([greeting, json("open", {})]),
    "words that are not text": Buffer.concat([greeting, json("open", { argv: [1] })]),
    "a zero byte in a word": Buffer.concat([greeting, json("open", { argv: ["a\0b"] })]),
    "another user": Buffer.concat([greeting, json("open", { argv: ["id"], user: "root" })]),
    "a directory that is not absolute": Buffer.concat([greeting, json("open", { argv: ["id"], cwd: "x" })]),
    "a terminal of no size": Buffer.concat([greeting, json("open", { argv: ["id"], tty: { columns: 0, rows: 0, term: "x" } })]),
    "input before there is a command": Buffer.concat([greeting, encodeFrame("stdin", Buffer.alloc(10))]),
    "a negative offset": Buffer.concat([greeting, json("resume", { channel: "x", stdout: -1, stderr: 0 })]),
    "a command that nobody has": Buffer.concat([greeting, json("resume", { channel: "x", stdout: 0, stderr: 0 })]),
  };
  for (const [what, bytes] of Object.entries(hostile)) {
    it(`ends a connection that sends ${what}, and goes on`, async () => {
      await using session = await served();
      const socket = connect(session.path);
      socket.on("error", () => {}).resume();
      socket.write(bytes);
      await once(socket, "close");
      expect(session.opened).to.deep.equal([]);
      expect((await outcome(await session.open(sh("echo fine")))).stdout.toString()).to.equal("fine\n");
    });
  }

  it("ends a connection that claims to have read what was never sent, or leaves a gap", async () => {
    await using session = await served();
    for (const bad of [encodeFrame("ack", Buffer.from([1, 0, 0, 0, 0, 9, 9])), encodeFrame("stdin", Buffer.from([0, 0, 0, 0, 0, 5, 1]))]) {
      const socket = connect(session.path);
      socket.on("error", () => {}).resume();
      socket.write(Buffer.concat([greeting, json("open", { argv: ["/bin/cat"] })]));
      await once(socket, "data");
      await eventually("the command runs", () => session.opened.length > 0);
      await new Promise((resolve) => { setTimeout(resolve, 50); });
      socket.write(bad);
      await once(socket, "close");
    }
  });

  it("does not keep a command for one who comes back and wants what was never sent", async () => {
    await using session = await served({ graceMs: 100 });
    const first = connect(session.path);
    first.write(Buffer.concat([greeting, json("open", { argv: ["/bin/cat"] })]));
    let said = "";
    first.on("data", (chunk: Buffer) => { said += chunk.toString("latin1"); });
    await eventually("it is told its name", () => /"channel":"\w+"/.test(said));
    const channel = /"channel":"(\w+)"/.exec(said)?.[1];
    const second = connect(session.path);
    second.resume().write(Buffer.concat([greeting, json("resume", { channel, stdout: 999, stderr: 0 })]));
    await once(second, "close");
    await eventually("the command has ended", () => !isRunning(session.pids[0]));
    first.destroy();
  });

  it("takes no more commands than it has room for", async () => {
    await using session = await served();
    const channels = await Promise.all(Array.from({ length: 32 }, () => session.open({ argv: ["/bin/cat"] })));
    const error = await session.open({ argv: ["/bin/cat"] }).catch((reason: unknown) => reason as ClocheError);
    expect(error).to.have.property("code", "CONTROL_REFUSED");
    channels[0]?.close();
    await eventually("there is room again", async () => await session.open({ argv: ["/bin/cat"] }).then(() => true, () => false));
    for (const channel of channels) channel.close();
  });

  it("ends a connection that says nothing", async function () {
    this.timeout(10_000);
    await using session = await served();
    const socket = connect(session.path);
    socket.resume();
    await once(socket, "close");
  });

  it("ends a connection that makes us answer and does not read", async () => {
    using runtime = runtimeDirectory();
    const server = createServer().listen(join(runtime.path, "s"));
    await once(server, "listening");
    const deaf = connect(join(runtime.path, "s"));
    deaf.on("error", () => {});
    const [socket] = await once(server, "connection") as [Socket];
    const wire = new Wire(socket, () => {});
    for (let sent = 0; sent < 100 && !socket.destroyed; sent++) wire.send("stdout", Buffer.alloc(LARGEST_PAYLOAD));
    expect(socket.destroyed).to.equal(true);
    await wire.closed;
    deaf.destroy();
    server.close();
  });
});
