import { PassThrough, Writable } from "node:stream";
import { expect } from "chai";
import { attachChannel } from "../../../core/attach/attach-channel.ts";
import { Desk, NOTHING } from "../../../core/attach/desk.ts";
import { Notices } from "../../../core/attach/notices.ts";
import type { TerminalPort } from "../../../core/attach/terminal.ts";
import type { CommandEnd, GuestChannel } from "../../../core/machine/guest.ts";
import { ClocheError } from "../../../core/support/errors.ts";
import { Interrupted } from "../../../core/support/interrupted.ts";

/** A command that the test plays. */
class FakeChannel implements GuestChannel {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly told: string[] = [];
  readonly ended: Promise<CommandEnd>;
  #end!: (end: CommandEnd) => void;

  constructor() {
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  end(end: CommandEnd): void {
    this.stdout.end();
    this.stderr.end();
    this.#end(end);
  }

  resize(size: { columns: number; rows: number }): void {
    this.told.push(`size ${size.columns}x${size.rows}`);
  }

  signal(name: string): void {
    this.told.push(`signal ${name}`);
  }

  close(): void {
    this.told.push("close");
    for (const stream of [this.stdin, this.stdout, this.stderr]) stream.destroy();
  }
}

function deskWith(notices: Notices): Desk {
  const open = () => Promise.reject(new Error("no guest"));
  return new Desk({ session: "test", notices, env: {}, isAgent: false, options: () => NOTHING, open });
}

function setUp(tty = false) {
  const told: string[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: tty });
  const stdout = Object.assign(new PassThrough(), { isTTY: tty, columns: 100, rows: 30 });
  const stderr = new PassThrough();
  let goOn = (): void => {};
  const terminal: TerminalPort = {
    stdin, stdout, stderr, env: {},
    setRaw: (raw) => void told.push(raw ? "raw" : "given back"),
    onContinue: (listener) => {
      goOn = listener;
      return () => void told.push("deaf");
    },
  };
  const channel = new FakeChannel();
  const abort = new AbortController();
  const options = { signal: abort.signal, tty, graceMs: 50, say: (line: string) => void told.push(line) };
  return { told, terminal, stdin, stdout, stderr, channel, abort, options, continued: () => goOn() };
}

describe("attaching a command", () => {
  it("answers its status after the last byte was passed on", async () => {
    const { channel, terminal, stdout, stderr, options } = setUp();
    const status = attachChannel(channel, terminal, options);
    channel.stdout.write("out");
    channel.stderr.write("err");
    channel.end({ kind: "exit", status: 7 });
    expect(await status).to.equal(7);
    expect([stdout.read(), stderr.read()].map(String)).to.deep.equal(["out", "err"]);
  });

  it("waits until a slow output has taken the last byte", async () => {
    const { channel, terminal, options } = setUp();
    let taken = 0;
    const slow = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        setTimeout(() => {
          taken += chunk.length;
          done();
        }, 30);
      },
    });
    const status = attachChannel(channel, { ...terminal, stdout: slow }, options);
    channel.stdout.write("12345");
    channel.end({ kind: "exit", status: 0 });
    await status;
    expect(taken).to.equal(5);
  });

  it("answers 128 and the number of a signal", async () => {
    for (const [signal, status] of [["TERM", 143], ["SEGV", 139], ["SIG@openssh.com", 128]] as const) {
      const { channel, terminal, options } = setUp();
      channel.end({ kind: "signal", signal });
      expect(await attachChannel(channel, terminal, options)).to.equal(status);
    }
  });

  it("answers 255 for a lost connection, and says so after the terminal was given back", async () => {
    const { channel, terminal, options, told } = setUp(true);
    channel.end({ kind: "lost", detail: "the guest powered off." });
    expect(await attachChannel(channel, terminal, options)).to.equal(255);
    expect(told).to.deep.equal(["raw", "deaf", "given back", "The connection with the guest is lost: the guest powered off."]);
  });

  it("passes input on and its end, and reads nothing more after the command's", async () => {
    const { channel, terminal, stdin, options } = setUp();
    const status = attachChannel(channel, terminal, options);
    stdin.write("in");
    stdin.end();
    const chunks: Buffer[] = [];
    for await (const chunk of channel.stdin) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).to.equal("in");
    channel.end({ kind: "exit", status: 0 });
    await status;
  });

  it("leaves the rest of an open input alone when the command ends", async () => {
    const { channel, terminal, stdin, options } = setUp();
    channel.end({ kind: "exit", status: 0 });
    await attachChannel(channel, terminal, options);
    stdin.write("for the next");
    expect(stdin.isPaused()).to.equal(true);
    expect(stdin.listenerCount("data")).to.equal(0);
  });

  it("reads no faster than the command takes it", async () => {
    const { channel, terminal, stdin, options } = setUp();
    const status = attachChannel(channel, terminal, options);
    let written = 0;
    while (stdin.write(Buffer.alloc(10_000)) && written < 100) written += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
    while (stdin.write(Buffer.alloc(10_000)) && written < 100) written += 1;
    expect(written).to.be.lessThan(50);
    channel.end({ kind: "exit", status: 0 });
    await status;
  });

  it("reads no faster from the command than our output takes it", async () => {
    const { channel, terminal, options } = setUp();
    const slow = new Writable({ highWaterMark: 1000, write: (_chunk, _encoding, done) => void setTimeout(done, 20) });
    const status = attachChannel(channel, { ...terminal, stdout: slow }, options);
    let written = 0;
    const fill = (): void => {
      while (channel.stdout.write(Buffer.alloc(10_000)) && written < 1000) written += 1;
    };
    fill();
    await new Promise((resolve) => setTimeout(resolve, 10));
    fill();
    expect(written).to.be.lessThan(50);
    channel.end({ kind: "exit", status: 0 });
    await status;
  });

  it("makes the terminal raw, tells its size whenever it changes, and gives it back", async () => {
    const { channel, terminal, stdout, options, told, continued } = setUp(true);
    const status = attachChannel(channel, terminal, options);
    Object.assign(stdout, { columns: 61, rows: 17 });
    stdout.emit("resize");
    continued();
    channel.end({ kind: "exit", status: 0 });
    await status;
    stdout.emit("resize");
    expect(channel.told).to.deep.equal(["size 100x30", "size 61x17", "size 61x17", "close"]);
    expect(told).to.deep.equal(["raw", "given back", "raw", "deaf", "given back"]);
  });

  it("ends a terminal's input with Ctrl-D, since a terminal has no other end", async () => {
    const { channel, terminal, stdin, options } = setUp(true);
    const status = attachChannel(channel, terminal, options);
    stdin.end("x");
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(channel.stdin.read()?.toString()).to.equal("x\u0004");
    channel.end({ kind: "exit", status: 0 });
    await status;
  });

  it("shows notices in the terminal's title, and gives the user's back", async () => {
    const { channel, terminal, stdout, options } = setUp(true);
    const notices = new Notices(() => {});
    const status = attachChannel(channel, { ...terminal, env: { TERM: "xterm" } }, { ...options, desk: deskWith(notices) });
    notices.tell("example.com was refused");
    channel.end({ kind: "exit", status: 0 });
    await status;
    notices.tell("too late");
    expect(String(stdout.read())).to.equal("\x1b[22;0t\x1b]0;[cloche] example.com was refused\x07\x1b[23;0t");
  });

  it("sets the screen back when the program could not", async () => {
    const { channel, terminal, stdout, options } = setUp(true);
    channel.stdout.write("\x1b[?1049h");
    channel.end({ kind: "signal", signal: "KILL" });
    await attachChannel(channel, terminal, options);
    expect(String(stdout.read())).to.contain("\x1b[?1049h\x1b[?1049l");
  });

  it("lets through to a terminal only what is harmless, also when the command has no terminal", async () => {
    for (const tty of [true, false]) {
      const { channel, terminal, stdout, stderr, options } = setUp(tty);
      const status = attachChannel(channel, { ...terminal, stdout: Object.assign(stdout, { isTTY: true }), stderr: Object.assign(stderr, { isTTY: true }) }, options);
      channel.stdout.write("a\x1b[1m\x1b]52;c;?\x07\x1b[21tb\x1b[c\x9b");
      channel.stderr.write("e\x1b]50;x\x07\x1b[c\xc3");
      channel.end({ kind: "exit", status: 0 });
      await status;
      // what the terminal would answer goes to nobody of the guest's when the command has no terminal
      expect(String(stdout.read())).to.equal(`a\x1b[1mb${tty ? "\x1b[c" : ""}\u009b\x1b[0m`.replace("\u009b", "\ufffd"));
      expect(String(stderr.read())).to.equal("eÃ");
    }
  });

  it("passes every byte as it is to what is no terminal", async () => {
    const { channel, terminal, stdout, options } = setUp();
    const status = attachChannel(channel, terminal, options);
    const bytes = Buffer.from([0x1b, 0x5d, 0x35, 0x32, 0x3b, 0x9b, 0, 0xff]);
    channel.stdout.write(bytes);
    channel.end({ kind: "exit", status: 0 });
    await status;
    expect(stdout.read()).to.deep.equal(bytes);
  });

  it("sets back what a program left set though it ended well", async () => {
    const { channel, terminal, stdout, options } = setUp(true);
    const status = attachChannel(channel, terminal, options);
    channel.stdout.write("\x1b[?1000h\x1b[?25l");
    channel.end({ kind: "exit", status: 0 });
    await status;
    expect(String(stdout.read())).to.equal("\x1b[?1000h\x1b[?25l\x1b[?1000l\x1b[?25h");
  });

  it("passes an interrupt on, waits for the command, and throws the interrupt", async () => {
    const { channel, terminal, abort, options, told } = setUp(true);
    const status = attachChannel(channel, terminal, { ...options, graceMs: 10_000 });
    const reason = new Interrupted("SIGTERM");
    abort.abort(reason);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(channel.told).to.deep.equal(["size 100x30", "signal TERM"]);
    channel.end({ kind: "exit", status: 0 });
    expect(await status.then(() => undefined, (error: unknown) => error)).to.equal(reason);
    expect(reason.exitStatus).to.equal(143);
    expect(told.at(-1)).to.equal("given back");
  });

  it("does not wait longer than the grace for a command that ignores the interrupt", async () => {
    const { channel, terminal, abort, options } = setUp();
    const status = attachChannel(channel, terminal, options);
    abort.abort(new Interrupted("SIGINT"));
    expect(await status.then(() => undefined, (error: unknown) => error)).to.be.instanceOf(Interrupted);
    expect(channel.told).to.deep.equal(["signal INT", "close"]);
  });

  it("ends quietly with 141 when nobody reads our output any more", async () => {
    const { channel, terminal, stdout, options } = setUp();
    const status = attachChannel(channel, terminal, options);
    stdout.destroy(Object.assign(new Error("broken"), { code: "EPIPE" }));
    expect(await status).to.equal(141);
    expect(channel.told).to.deep.equal(["signal PIPE", "close"]);
  });

  it("fails when our output fails otherwise, such as on a full disk", async () => {
    const { channel, terminal, stdout, options } = setUp();
    const status = attachChannel(channel, terminal, options);
    stdout.destroy(Object.assign(new Error("no space left"), { code: "ENOSPC" }));
    const error = await status.then(() => undefined, (reason: unknown) => reason);
    expect(error).to.be.instanceOf(ClocheError).with.property("code", "ATTACH_OUTPUT_FAILED");
  });
});
