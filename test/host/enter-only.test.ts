import { once } from "node:events";
import { cpSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { encodeFrame, type FrameKind } from "../../core/sessions/frames.ts";
import type { Wire } from "../../core/sessions/wire.ts";
import { decodeAcknowledgement, decodePiece, encodeAcknowledgement, encodePiece, WINDOW_BYTES } from "../../core/sessions/stream-frames.ts";
import { eventually } from "../core/sessions/support.ts";
import { SmallClone } from "../scripts/small-clone.ts";
import { Pty } from "../support/pty.ts";
import { ROOT } from "../support/sources.ts";
import { FoundSession, Installed, type Starting } from "./entering.ts";

const LOST = "The connection with the guest is lost: ";
const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

describe("bin/cloche with a command for a running session", function () {
  this.timeout(30_000);
  let installed: Installed;
  beforeEach(() => { installed = new Installed(); });
  afterEach(() => installed[Symbol.dispose]());

  const start = (session: FoundSession, args: readonly string[], { env, ...starting }: Starting = {}) =>
    session.start([installed.launcher, ...args], { ...starting, env: { PATH: installed.path, ...env } });

  const plain: Readonly<Record<string, readonly string[]>> = {
    "--session NAME --": ["--session", "fern", "--"],
    "--session NAME": ["--session", "fern"],
    "--session=NAME": ["--session=fern"],
    "--quiet before": ["--quiet", "--session=fern"],
    "-q behind": ["--session", "fern", "-q", "--"],
  };
  for (const [what, options] of Object.entries(plain)) {
    it(`starts no Node in the plain case: ${what}`, async () => {
      await using session = await FoundSession.make();
      const { status, stdout, stderr } = await start(session, ["exec", ...options, "/bin/echo", "-q", "--", "-t"]).ended;
      expect([status, stdout.toString(), stderr]).to.deep.equal([0, "-q -- -t\n", ""]);
      expect(installed.takeTrace()).to.equal(undefined);
    });
  }

  const unusual: Readonly<Record<string, readonly string[]>> = {
    "a terminal that is asked for": ["exec", "-t", "--session", "fern", "--", "/bin/true"],
    "a terminal that is asked for behind": ["exec", "--session", "fern", "--tty", "/bin/true"],
    "--join": ["exec", "--join", "/bin/true"],
    "both": ["exec", "--session", "fern", "-j", "/bin/true"],
    "--timings": ["exec", "--session", "fern", "--timings", "--", "/bin/true"],
    "-C": ["exec", "-C", "/", "--session", "fern", "--", "/bin/true"],
    "an unknown option": ["exec", "--session", "fern", "--sesion", "--", "/bin/true"],
    "a value where none belongs": ["exec", "--session", "fern", "--quiet=x", "--", "/bin/true"],
    "--help": ["exec", "--session", "fern", "--help"],
    "two sessions": ["exec", "--session", "fern", "--session=fern", "--", "/bin/true"],
    "two sessions the other way round": ["exec", "--session=fern", "--session", "fern", "--", "/bin/true"],
    "a session without a name": ["exec", "--session", "--", "/bin/true"],
    "a session that has an empty name": ["exec", "--session", "", "--", "/bin/true"],
    "a session that looks like an option": ["exec", "--session", "-t", "/bin/true"],
    "the end of the words": ["exec", "--session"],
    "no command": ["exec", "--session", "fern", "--"],
    "an option before the word": ["-q", "exec", "--session", "fern", "--", "/bin/true"],
    "another word": ["port", "--session", "fern", "list"],
    "no session": ["exec", "--no-such-option", "--", "/bin/true"],
  };
  for (const [what, args] of Object.entries(unusual)) {
    it(`leaves to Node, with every word as it was: ${what}`, async () => {
      await using session = await FoundSession.make();
      await start(session, args).ended;
      expect(installed.takeTrace()).to.include(`/dist/core/cli.js\n${args.join("\n")}\n`);
    });
  }

  for (const variable of ["DEBUG", "CLOCHE_BENCH_TIMINGS"]) {
    it(`leaves to Node what only it can do: ${variable}`, async () => {
      await using session = await FoundSession.make();
      await start(session, ["exec", "--session", "fern", "--", "/bin/true"], { env: { [variable]: "" } }).ended;
      expect(installed.takeTrace()).to.include(`${variable}=\n`);
    });
  }

  for (const [what, redirection] of [["output", "2>/dev/null"], ["errors", ">/dev/null"]] as const) {
    it(`leaves to Node, which filters it, what a terminal shows: ${what}`, async () => {
      await using session = await FoundSession.make();
      const env = { PATH: installed.path, HOME: session.folder, XDG_RUNTIME_DIR: session.folder, TERM: "xterm" };
      const script = "printf 'a\\033]52;c;?\\007b' | tee /dev/stderr";
      await using pty = new Pty("/bin/sh", ["-c", `"$@" ${redirection}`, "sh", installed.launcher, "exec", "--session", "fern", "--", "/bin/sh", "-c", script.replace("| tee /dev/stderr", what === "errors" ? ">&2" : "")], env);
      expect((await pty.ended).status).to.equal(0);
      expect(pty.screen).to.equal("ab");
      expect(installed.takeTrace()).to.be.a("string");
    });
  }

  for (const closed of ["<&-", ">&-", "2>&-"]) {
    it(`leaves to Node, which opens it, a stream that is closed: ${closed}`, async () => {
      await using session = await FoundSession.make();
      const line = ["/bin/sh", "-c", `"$@" ${closed}`, "sh", installed.launcher, "exec", "--session", "fern", "--", "/bin/true"];
      expect((await session.start(line, { env: { PATH: installed.path } }).ended).status).to.equal(0);
      expect(installed.takeTrace()).to.be.a("string");
    });
  }

  it("leaves it to Node where there is no perl", async () => {
    await using session = await FoundSession.make();
    installed.change("/usr/bin/perl", "/nonexistent/perl");
    expect(await start(session, ["exec", "--session", "fern", "--", "/bin/echo", "x"]).ended).to.deep.include({ status: 0, stderr: "" });
    expect(installed.takeTrace()).to.be.a("string");
  });

  it("takes no perl from the PATH, which may hold a directory of the project", async () => {
    await using session = await FoundSession.make();
    await session.start(["/bin/sh", "-c", 'printf "#!/bin/sh\\necho evil\\n" >"$0/perl" && chmod 755 "$0/perl"', session.folder]).ended;
    const { stdout } = await start(session, ["exec", "--session", "fern", "--", "/bin/echo", "x"], { env: { PATH: `${session.folder}:${installed.path}` } }).ended;
    expect(stdout.toString()).to.equal("x\n");
  });

  it("does not mind what the environment wants of perl, nor a locale that is not there", async () => {
    await using session = await FoundSession.make();
    const env = { PERL5OPT: "-Mno::such", PERL5LIB: session.folder, PERL_UNICODE: "SDA", PERLIO: ":utf8", LC_ALL: "xx_YY.UTF-8" };
    await session.start(["/bin/sh", "-c", 'echo die >"$0/strict.pm"', session.folder]).ended;
    const { status, stdout, stderr } = await start(session, ["exec", "--session", "fern", "--", "/bin/sh", "-c", 'printf "%s" "$0"; cat', "ü\n"], { env, input: Buffer.from([0xff, 0xc3, 0xbc]) }).ended;
    expect([status, stdout, stderr]).to.deep.equal([0, Buffer.concat([Buffer.from("ü\n"), Buffer.from([0xff, 0xc3, 0xbc])]), ""]);
    expect(installed.takeTrace()).to.equal(undefined);
  });

  it("hands over what it cannot do with every word as it was, and its marker goes no further", async () => {
    await using session = new FoundSession();
    const words = ["--", "a b", "'\"\\$", "", "*", "ü\n\x01"];
    await start(session, ["exec", "--session", "moss", "-q", "--", ...words]).ended;
    expect(installed.takeTrace()).to.include(`/dist/core/cli.js\nexec\n--session=moss\n--\n${words.join("\n")}\n`).and.not.include("CLOCHE_BY_NODE");
  });

  it("needs nothing compiled in a clone, and sets it up for what it hands over", async () => {
    await using session = await FoundSession.make();
    using clone = new SmallClone();
    cpSync(join(ROOT, "host"), join(clone.root, "host"), { recursive: true });
    const exec = [clone.launcher, "exec", "--session=fern", "--", "/bin/echo", "a b"];
    expect((await session.start(exec, { env: { PATH: "/nonexistent" } }).ended).stdout.toString()).to.equal("a b\n");
    await session.write({ state: "ending" });
    const { stdout, stderr } = await session.start(exec, { env: { PATH: installed.path } }).ended;
    expect(stderr).to.equal("cloche: compiling\n");
    expect(JSON.parse(stdout.toString())).to.deep.equal(["first", "/", ...exec.slice(1)]);
  });
});

describe("host/enter.pl", function () {
  this.timeout(30_000);
  let installed: Installed;
  beforeEach(() => { installed = new Installed(); });
  afterEach(() => installed[Symbol.dispose]());

  const start = (session: FoundSession) => session.start([installed.launcher, "exec", "--session", "fern", "--", "x"], { env: { PATH: installed.path } });

  it("asks once: a command that may run is not asked for again when there is no answer", async () => {
    const heard: string[] = [];
    await using session = await FoundSession.imitate(({ kind }, wire) => {
      heard.push(kind);
      if (kind === "open") wire.end();
    });
    expect(await start(session).ended).to.deep.include({ status: 255, stderr: `${LOST}the session did not answer.\n` });
    expect(heard).to.deep.equal(["hello", "open"]);
    expect(installed.takeTrace()).to.equal(undefined);
  });

  it("nor when the answer is none", async () => {
    const heard: string[] = [];
    await using session = await FoundSession.imitate(({ kind }, wire) => {
      heard.push(kind);
      if (kind === "open") wire.tell("resumed", { stdin: 0 });
    });
    expect(await start(session).ended).to.deep.include({ status: 255, stderr: `${LOST}the session did not answer.\n` });
    expect(heard).to.deep.equal(["hello", "open"]);
  });

  it("leaves a session that does not greet to Node, which waits longer, and has read nothing by then", async () => {
    await using session = new FoundSession();
    await session.write({});
    const server = createServer(() => {}).listen(session.socket);
    await once(server, "listening");
    const { child } = start(session);
    await eventually("Node was started", () => installed.takeTrace() !== undefined, 4_000);
    child.kill("SIGKILL");
    server.close();
  });

  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    it(`ends at once by ${signal} while the command is not there yet`, async () => {
      let asked = (): void => {};
      const isAsked = new Promise<void>((resolve) => (asked = resolve));
      await using session = await FoundSession.imitate(({ kind }) => kind === "open" && asked());
      const { child, ended } = start(session);
      await isAsked;
      const began = performance.now();
      child.kill(signal);
      expect(await ended).to.deep.include({ status, stderr: "" });
      expect(performance.now() - began).to.be.lessThan(1_500);
    });
  }

  const piece = (kind: "stdout" | "stderr", offset: number, bytes: number): Buffer => encodeFrame(kind, encodePiece({ offset, bytes: Buffer.alloc(bytes, "x") }));
  const bad: Readonly<Record<string, Buffer>> = {
    "a gap": piece("stdout", 6, 1),
    "a piece without its offset": encodeFrame("stderr", Buffer.alloc(5)),
    "bytes acknowledged that were never sent": encodeFrame("ack", encodeAcknowledgement({ stream: "stdin", offset: 1 })),
    "a frame that claims too much": Buffer.from([0, 1, 0, 1, 7]),
    "a frame of no kind": Buffer.from([0, 0, 0, 0, 99]),
    "what no session says to a client": encodeFrame("open", Buffer.from("{}")),
  };
  for (const [what, bytes] of Object.entries(bad)) {
    it(`drops a connection that sends ${what}, and takes the command up on another`, async () => {
      const asked: [FrameKind, unknown][] = [];
      await using session = await FoundSession.imitate(({ kind, payload }, wire, socket) => {
        if (kind !== "open" && kind !== "resume") return;
        asked.push([kind, JSON.parse(payload.toString())]);
        if (kind === "open") {
          wire.tell("opened", { channel: "abc" });
          socket.write(Buffer.concat([piece("stdout", 0, 5), bytes]));
        } else {
          wire.tell("resumed", { stdin: 0 });
          socket.write(piece("stdout", 3, 4));
          wire.send("end", json({ kind: "exit", status: 9 }));
        }
      });
      const { status, stdout, stderr } = await start(session).ended;
      expect([status, stdout.toString(), stderr]).to.deep.equal([9, "xxxxxxx", ""]);
      expect(asked[1]).to.deep.equal(["resume", { channel: "abc", stdout: 5, stderr: 0 }]);
    });
  }

  it("holds no more than the windows of a session that heeds none", async () => {
    let connections = 0;
    await using session = await FoundSession.imitate(({ kind }, wire, socket) => {
      if (kind === "open") {
        wire.tell("opened", { channel: "abc" });
        for (let at = 0; at < 1_000_000; at += 50_000) socket.write(piece("stdout", at, 50_000));
      } else if (kind === "resume") {
        connections++;
        wire.tell("refused", { message: "", hint: "" });
      }
    });
    const { child, ended } = start(session);
    child.stdout?.pause();
    await eventually("the connection was dropped", () => connections > 0);
    child.stdout?.resume();
    const { status, stdout } = await ended;
    expect(status).to.equal(255);
    expect(stdout.length).to.be.lessThan(700_000);
  });

  it("takes an end that it does not know for a loss", async () => {
    for (const end of [{ kind: "new" }, "x", { kind: "exit", status: "0" }]) {
      await using session = await FoundSession.imitate(({ kind }, wire) => {
        if (kind !== "open") return;
        wire.tell("opened", { channel: "abc" });
        wire.tell("end", end);
      });
      expect((await start(session).ended).status).to.equal(255);
    }
  });

  it("takes no more input than the session has room for, and stops when the command has ended", async () => {
    const offsets: number[] = [];
    let received = 0;
    let ending: Wire | undefined;
    await using session = await FoundSession.imitate(({ kind, payload }, wire) => {
      if (kind === "open") wire.tell("opened", { channel: "abc" });
      if (kind === "stdin") {
        offsets.push(decodePiece(payload).offset);
        received += decodePiece(payload).bytes.length;
      }
      ending = wire;
    });
    const { child, ended } = start(session);
    child.stdin?.write(Buffer.alloc(3_000_000));
    await eventually("the window is full", () => received === WINDOW_BYTES);
    await sleep(200);
    expect([received, offsets.includes(WINDOW_BYTES)], "more than that, or an end").to.deep.equal([WINDOW_BYTES, false]);
    ending?.tell("end", { kind: "exit", status: 0 });
    expect((await ended).status).to.equal(0);
  });

  it("sends again from where the session has its input, and its end once on each connection", async () => {
    const heard: [number, string][] = [];
    await using session = await FoundSession.imitate(({ kind, payload }, wire, socket) => {
      if (kind === "open") wire.tell("opened", { channel: "abc" });
      if (kind === "resume") {
        heard.push([-1, "resume"]);
        wire.tell("resumed", { stdin: 4 });
        setTimeout(() => wire.tell("end", { kind: "exit", status: 0 }), 200);
      }
      if (kind !== "stdin") return;
      const { offset, bytes } = decodePiece(payload);
      heard.push([offset, bytes.toString()]);
      if (bytes.length > 0 || heard.some(([at]) => at === -1)) return;
      socket.write(encodeFrame("ack", encodeAcknowledgement({ stream: "stdin", offset: 2 })));
      setTimeout(() => socket.destroy(), 100);
    });
    const { child, ended } = start(session);
    child.stdin?.end("0123456789");
    expect((await ended).status).to.equal(0);
    expect(heard).to.deep.equal([[0, "0123456789"], [10, ""], [-1, "resume"], [4, "456789"], [10, ""]]);
  });

  it("tells the session what was written, not what came", async () => {
    let told = 0;
    await using session = await FoundSession.imitate(({ kind, payload }, wire, socket) => {
      if (kind === "open") {
        wire.tell("opened", { channel: "abc" });
        for (let at = 0; at < 250_000; at += 50_000) socket.write(piece("stdout", at, 50_000));
      }
      if (kind === "ack" && decodeAcknowledgement(payload).stream === "stdout") told = decodeAcknowledgement(payload).offset;
      if (told === 250_000) wire.tell("end", { kind: "exit", status: 0 });
    });
    const { ended } = session.start(["/bin/sh", "-c", '"$@" | { head -c 40960 >/dev/null; sleep 1; wc -c; }', "sh", installed.launcher, "exec", "--session", "fern", "--", "x"], { env: { PATH: installed.path } });
    await eventually("the pipe is full", () => told > 0);
    await sleep(300);
    expect(told).to.be.within(65_536, 40_960 + 65_536);
    expect((await ended).stdout.toString()).to.equal("209040\n");
  });
});
