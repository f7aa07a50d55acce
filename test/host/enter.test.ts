import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import type { GuestChannel } from "../../core/machine/guest.ts";
import { ClocheError } from "../../core/support/errors.ts";
import { breakableProxy } from "../core/sessions/breakable-proxy.ts";
import { eventually } from "../core/sessions/support.ts";
import { ROOT } from "../support/sources.ts";
import { FoundSession, Installed, type Running, type Starting } from "./entering.ts";
import { isRunning } from "../support/proc.ts";

// its shell would tell of the end of what it waits for
const FOREVER = "exec 2>/dev/null; echo up; while :; do sleep 0.05; done";
const TEE = "process.exitCode = 3; process.stdin.pipe(process.stdout); process.stdin.pipe(process.stderr)";
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const LOST = "The connection with the guest is lost: ";

for (const client of ["Node", "perl"] as const) {
  describe(`A command in a running session, entered by ${client},`, function () {
    this.timeout(30_000);
    let installed: Installed;
    before(() => { installed = new Installed(); });
    after(() => installed[Symbol.dispose]());
    // whatever the client was handed over to
    afterEach(() => { installed.takeTrace(); });

    const command = (words: readonly string[]): string[] => [
      ...(client === "Node" ? [process.execPath, join(ROOT, "dist/core/cli.js")] : [installed.launcher]), "exec", "--session", "fern", "--", ...words,
    ];
    const start = (session: FoundSession, words: readonly string[], { env, ...starting }: Starting = {}): Running =>
      session.start(command(words), { ...starting, env: { PATH: installed.path, ...env } });
    const sh = (session: FoundSession, script: string, starting: Starting = {}) => start(session, ["/bin/sh", "-c", script], starting);
    /** Started by a shell, as people redirect it; the client's words are "$@". */
    const shell = (session: FoundSession, line: string, script: string): Running =>
      session.start(["/bin/sh", "-c", line, "sh", ...command(["/bin/sh", "-c", script])], { env: { PATH: installed.path } });
    /** The plain case has no part for Node, whoever else does. */
    const isQuick = (): void => {
      expect(installed.takeTrace(), "Node was started").to.equal(undefined);
    };
    const isHandedOver = (): void => {
      if (client === "perl") expect(installed.takeTrace()).to.be.a("string").and.not.include("CLOCHE_BY_NODE");
    };

    it("ends with its status, and gives what it says on each output", async () => {
      await using session = await FoundSession.make();
      const { status, stdout, stderr } = await sh(session, "echo out; echo err >&2; exit 7").ended;
      expect({ status, stdout: stdout.toString(), stderr }).to.deep.equal({ status: 7, stdout: "out\n", stderr: "err\n" });
      isQuick();
    });

    it("ends as a shell says it when a signal ended it", async () => {
      await using session = await FoundSession.make();
      for (const [signal, number] of [["TERM", 15], ["KILL", 9], ["USR1", 10], ["SYS", 31]] as const) {
        expect(await sh(session, `kill -${signal} $$`).ended).to.deep.include({ status: 128 + number, stderr: "" });
      }
      isQuick();
    });

    it("gets its words as they are, and is asked for as the agent's in the project", async () => {
      await using session = await FoundSession.make({ project: "/usr" });
      const words = ["a b", "", "'\"\\$x`*", "line\nline\r\t\b\f\x01\x1b\x1f\x7f", "ü€𝄞\u2028", "--", "-q", "--session", "{\"a\":[1]}"];
      const { status, stdout } = await start(session, ["/usr/bin/printf", "%s|", ...words]).ended;
      expect(stdout.toString()).to.equal(words.map((word) => `${word}|`).join(""));
      expect(status).to.equal(0);
      expect(session.local.opened).to.deep.equal([{ argv: ["/usr/bin/printf", "%s|", ...words], cwd: "/usr", user: "agent", env: { LANG: "C.UTF-8" } }]);
      isQuick();
    });

    it("gets words that are no text as Node reads them", async () => {
      for (const bytes of ["\\377", "x\\303", "\\355\\240\\200", "\\364\\220\\200\\200", "\\300\\257", "\\370\\210\\200\\200\\200"]) {
        await using session = await FoundSession.make();
        const line = `word=$(printf '${bytes}'); exec "$@" /bin/echo "$word"`;
        expect(await session.start(["/bin/sh", "-c", line, "sh", ...command([])], { env: { PATH: installed.path } }).ended).to.deep.include({ status: 0, stderr: "" });
        const argv = session.local.opened[0]?.argv;
        expect(argv?.[1], bytes).to.match(/^x?\ufffd+$/);
        isHandedOver();
      }
    });

    it("runs in the directory that the user stands in, when the project has it", async () => {
      for (const name of ["plain", "a \"b\"\\c\n\tü\x01", "'$(x)`*"]) {
        await using session = await FoundSession.make();
        const project = join(session.folder, name);
        mkdirSync(join(project, name), { recursive: true });
        mkdirSync(`${project}x`);
        await session.write({ project });
        for (const cwd of [project, join(project, name), `${project}x`, session.folder]) await start(session, ["/bin/true"], { cwd }).ended;
        expect(session.local.opened.map((each) => each.cwd)).to.deep.equal([project, join(project, name), project, project]);
        isQuick();
      }
    });

    it("runs in the project when the directory that the user stands in is gone", async () => {
      await using session = await FoundSession.make();
      const project = join(session.folder, "p");
      mkdirSync(join(project, "gone"), { recursive: true });
      await session.write({ project });
      const line = `cd '${project}/gone' && rmdir '${project}/gone' && exec "$@"`;
      await session.start(["/bin/sh", "-c", line, "sh", ...command(["/bin/true"])], { env: { PATH: installed.path } }).ended;
      expect(session.local.opened.map((each) => each.cwd)).to.deep.equal([project]);
    });

    it("is found below TMPDIR where XDG_RUNTIME_DIR is not ours to use", async () => {
      await using session = await FoundSession.make();
      mkdirSync(join(session.folder, "tmp"));
      const { status } = await session.start(["/bin/sh", "-c", `ln -s ../cloche '${session.folder}/tmp/cloche-${process.getuid?.()}'`]).ended;
      expect(status).to.equal(0);
      const strange = process.getuid?.() === 0 ? join(session.folder, "strange") : "/";
      if (strange !== "/") mkdirSync(strange);
      if (strange !== "/") chownSync(strange, 65_534, 65_534);
      for (const given of ["", ".", "/nonexistent", strange]) {
        const env = { XDG_RUNTIME_DIR: given, TMPDIR: join(session.folder, "tmp/") };
        expect(await start(session, ["/bin/echo", "x"], { env, cwd: join(session.folder, "tmp") }).ended, given).to.deep.include({ status: 0, stderr: "" });
      }
      isQuick();
    });

    it("gets any bytes, and gives any bytes", async () => {
      await using session = await FoundSession.make();
      const input = randomBytes(6_000_000);
      const { status, stdout } = await start(session, ["/bin/cat"], { input }).ended;
      expect([status, stdout.length, sha256(stdout)]).to.deep.equal([0, input.length, sha256(input)]);
      isQuick();
    });

    it("gets a file, and writes into one", async () => {
      await using session = await FoundSession.make();
      const [from, to] = [join(session.folder, "from"), join(session.folder, "to")];
      const input = randomBytes(3_000_000);
      writeFileSync(from, input);
      const { status } = await shell(session, `"$@" <'${from}' >'${to}' 2>&1`, "cat").ended;
      expect([status, sha256(readFileSync(to))]).to.deep.equal([0, sha256(input)]);
      isQuick();
    });

    it("waits for a reader that is slow, and then says all", async () => {
      await using session = await FoundSession.make();
      const { child, ended } = sh(session, "i=0; while [ $i -lt 80 ]; do i=$((i+1)); printf '%65536d' $i; echo $i >&2; done");
      let said = 0;
      child.stderr?.on("data", (piece: Buffer) => { said = Number(piece.toString().trim().split("\n").at(-1)); });
      child.stdout?.pause();
      let before = -1;
      await eventually("it stands still", async () => {
        const stands = said > 0 && said === before;
        before = said;
        await sleep(200);
        return stands;
      });
      expect(said * 65_536).to.be.lessThan(2 * 1024 * 1024);
      child.stdout?.resume();
      const { status, stdout } = await ended;
      expect([status, stdout.length]).to.deep.equal([0, 80 * 65_536]);
      isQuick();
    });

    it("ends though its input stays open", async () => {
      await using session = await FoundSession.make();
      expect(await sh(session, "exit 4").ended).to.deep.include({ status: 4 });
      isQuick();
    });

    it("does not wait for one output because the other stands still", async () => {
      await using session = await FoundSession.make();
      const { child, ended } = sh(session, "yes >&2 & sleep 0.5; echo told; cat; kill $!");
      child.stderr?.pause();
      expect((await once(child.stdout!, "data"))[0].toString()).to.equal("told\n");
      child.stdin?.write("and heard\n");
      expect((await once(child.stdout!, "data"))[0].toString()).to.equal("and heard\n");
      child.stderr?.resume();
      child.stdin?.end();
      expect((await ended).status).to.equal(0);
      isQuick();
    });

    it("finds the end of its input where there is none, or it is closed, or cannot be read", async () => {
      await using session = await FoundSession.make();
      for (const from of ["</dev/null", "<&-", "</"]) {
        const { status, stdout } = await shell(session, `"$@" ${from}`, "cat; echo end").ended;
        expect([status, stdout.toString()], from).to.deep.equal([0, "end\n"]);
      }
    });

    it("runs where its outputs are closed", async () => {
      await using session = await FoundSession.make();
      expect(await shell(session, '"$@" >&- 2>&-', "echo x; echo y >&2; exit 5").ended).to.deep.include({ status: 5 });
    });

    it("is told TERM when nobody reads what it says any more, and the client ends as `head` wants it", async () => {
      await using session = await FoundSession.make();
      const told = join(session.folder, "told");
      const script = `exec 2>/dev/null; for s in TERM PIPE HUP; do trap "echo $s >'${told}'; exit" $s; done; while :; do echo line; sleep 0.01; done`;
      const { stdout, stderr } = await shell(session, '{ "$@"; echo $? >&2; } | head -n 2', script).ended;
      expect([stdout.toString(), stderr]).to.deep.equal(["line\nline\n", "141\n"]);
      expect(readFileSync(told, "utf8")).to.equal("TERM\n");
      isQuick();
    });

    it("is ended within 2 s when nobody reads what it says, though it does not heed that", async () => {
      await using session = await FoundSession.make();
      const began = performance.now();
      const { stderr } = await shell(session, '{ "$@"; echo $? >&2; } | head -n 1', "trap '' TERM PIPE; while :; do echo line; sleep 0.01; done").ended;
      expect(stderr).to.equal("141\n");
      expect(performance.now() - began).to.be.within(1_900, 4_000);
      isQuick();
    });

    for (const [into, reason] of [["/dev/full", "ENOSPC: no space left on device"], ["/dev/null", "EBADF: bad file descriptor"]] as const) {
      it(`says that what it says could not be written: ${reason}`, async () => {
        await using session = await FoundSession.make();
        const { status, stderr } = await shell(session, `"$@" 1${into === "/dev/full" ? ">" : "<"}${into}`, "exec 2>/dev/null; trap 'exit 0' TERM; while :; do echo x; sleep 0.01; done").ended;
        expect(stderr).to.equal(`cloche: What belongs on standard output could not be written: ${reason}, write.\n  See that the disk it goes to has space left.\n  (OUTPUT_LOST)\n`);
        expect(status).to.equal(125);
        isQuick();
      });
    }

    it("says so too of a file that may not grow any more", async () => {
      await using session = await FoundSession.make();
      const { status, stderr } = await shell(session, `ulimit -f 8; "$@" >'${session.folder}/small'`, "exec 2>/dev/null; trap 'exit 0' TERM; while :; do seq 1 1000; sleep 0.01; done").ended;
      expect(stderr).to.include("EFBIG: file too large, write.");
      expect(status).to.equal(125);
      isQuick();
    });

    it("goes on when its errors cannot be written", async () => {
      await using session = await FoundSession.make();
      const { status, stdout } = await shell(session, '"$@" 2>/dev/full', "seq 1 200000 >&2; echo done; exit 6").ended;
      expect([status, stdout.toString()]).to.deep.equal([6, "done\n"]);
      isQuick();
    });

    for (const [signal, number] of [["INT", 2], ["TERM", 15], ["HUP", 1]] as const) {
      it(`is told ${signal}, may still speak, and the client ends as by that`, async () => {
        await using session = await FoundSession.make();
        const { child, ended } = sh(session, `trap 'sleep 0.2; echo bye; exit 0' ${signal}; ${FOREVER}`);
        await once(child.stdout!, "data");
        child.kill(`SIG${signal}`);
        const { status, stdout, stderr } = await ended;
        expect([status, stdout.toString(), stderr]).to.deep.equal([128 + number, "up\nbye\n", ""]);
        isQuick();
      });
    }

    it("is told HUP by a client that `nohup` started, as Node sets all signals back", async () => {
      await using session = await FoundSession.make();
      const { child, ended } = shell(session, 'trap "" HUP INT TERM; exec "$@"', `trap 'echo bye; exit 0' HUP; ${FOREVER}`);
      await once(child.stdout!, "data");
      child.kill("SIGHUP");
      expect(await ended).to.deep.include({ status: 129, stderr: "" });
      isQuick();
    });

    it("is not given up for the same signal at once again, nor for longer than 2 s", async () => {
      await using session = await FoundSession.make();
      const { child, ended } = sh(session, `trap : INT; ${FOREVER}`);
      await once(child.stdout!, "data");
      const began = performance.now();
      child.kill("SIGINT");
      await sleep(150);
      child.kill("SIGINT");
      const { status, stderr } = await ended;
      expect([status, stderr]).to.deep.equal([130, ""]);
      expect(performance.now() - began).to.be.within(1_900, 3_000);
      isQuick();
    });

    for (const [second, waitMs, status] of [["SIGINT", 650, 130], ["SIGTERM", 50, 143]] as const) {
      it(`is given up at once for a second wish: ${second} after ${waitMs} ms`, async () => {
        await using session = await FoundSession.make();
        const { child, ended } = sh(session, `trap : INT TERM; ${FOREVER}`);
        await once(child.stdout!, "data");
        const began = performance.now();
        child.kill("SIGINT");
        await sleep(waitMs);
        child.kill(second);
        expect(await ended).to.deep.include({ status, stderr: "" });
        expect(performance.now() - began).to.be.lessThan(waitMs + 700);
        isQuick();
      });
    }

    it("is ended by the session when its client was killed", async () => {
      await using session = await FoundSession.make({ graceMs: 100 });
      const { child } = sh(session, FOREVER);
      await once(child.stdout!, "data");
      child.kill("SIGKILL");
      await eventually("the process has ended", () => !isRunning(session.local.pids[0]));
    });

    it("leaves the session nothing to keep for a client that has its end", async () => {
      await using session = await FoundSession.make();
      const all = await Promise.all(Array.from({ length: 5 }, () => sh(session, "yes | head -c 300000").ended));
      expect(all.map(({ status, stdout }) => [status, stdout.length])).to.deep.equal(Array.from({ length: 5 }, () => [0, 300_000]));
      for (let turn = 0; turn < 33; turn += 11) await Promise.all(Array.from({ length: 11 }, () => start(session, ["/bin/true"]).ended));
      expect(await start(session, ["/bin/true"]).ended).to.deep.include({ status: 0, stderr: "" });
      isQuick();
    });

    describe("whose connection breaks", () => {
      it("goes on where it was, in both directions, without a byte lost or doubled", async () => {
        await using session = await FoundSession.make({ listensAt: "real" });
        await using cut = await breakableProxy(join(session.folder, "real/control.sock"), session.socket);
        const input = randomBytes(8_000_000);
        const { child, ended } = start(session, [process.execPath, "-e", TEE]);
        const errors: Buffer[] = [];
        child.stderr?.on("data", (piece: Buffer) => errors.push(piece));
        child.stdin?.end(input);
        await once(child.stdout!, "data");
        const breaking = setInterval(() => cut.breakAll(), 15);
        const { status, stdout } = await ended.finally(() => clearInterval(breaking));
        expect(cut.broken()).to.be.greaterThan(3);
        expect([status, sha256(stdout), sha256(Buffer.concat(errors))]).to.deep.equal([3, sha256(input), sha256(input)]);
        isQuick();
      });

      it("and who comes back after the end learns how it ended", async () => {
        await using session = await FoundSession.make({ listensAt: "real" });
        await using cut = await breakableProxy(join(session.folder, "real/control.sock"), session.socket);
        const { child, ended } = sh(session, "echo up; sleep 0.3; echo done; exit 3");
        await once(child.stdout!, "data");
        cut.hold();
        await eventually("the command has ended meanwhile", () => !isRunning(session.local.pids[0]));
        cut.goOn();
        const { status, stdout, stderr } = await ended;
        expect([status, stdout.toString(), stderr]).to.deep.equal([3, "up\ndone\n", ""]);
      });

      it("is lost when nobody listens any more", async () => {
        await using session = await FoundSession.make({ listensAt: "real" });
        await using cut = await breakableProxy(join(session.folder, "real/control.sock"), session.socket);
        const { child, ended } = sh(session, FOREVER);
        await once(child.stdout!, "data");
        const began = performance.now();
        cut.refuse();
        expect(await ended).to.deep.include({ status: 255, stderr: `${LOST}the session ended.\n` });
        expect(performance.now() - began).to.be.lessThan(3_000);
        isQuick();
      });

      it("is lost when the session does not know it any more", async () => {
        await using session = await FoundSession.make({ listensAt: "real", graceMs: 0 });
        await using cut = await breakableProxy(join(session.folder, "real/control.sock"), session.socket);
        const { child, ended } = sh(session, FOREVER);
        await once(child.stdout!, "data");
        cut.hold();
        await eventually("the process has ended", () => !isRunning(session.local.pids[0]));
        await sleep(100);
        const began = performance.now();
        cut.goOn();
        expect(await ended).to.deep.include({ status: 255, stderr: `${LOST}the session ended.\n` });
        expect(performance.now() - began).to.be.lessThan(3_000);
        isQuick();
      });

      it("is lost when it cannot be taken up for 10 s", async () => {
        await using session = await FoundSession.make({ listensAt: "real" });
        await using cut = await breakableProxy(join(session.folder, "real/control.sock"), session.socket);
        const { child, ended } = sh(session, FOREVER);
        await once(child.stdout!, "data");
        const began = performance.now();
        cut.hold();
        expect(await ended).to.deep.include({ status: 255, stderr: `${LOST}the session ended.\n` });
        expect(performance.now() - began).to.be.within(9_900, 12_000);
      });
    });

    it("is lost with its session, and the client says so", async () => {
      await using session = await FoundSession.make();
      const { child, ended } = sh(session, FOREVER);
      await once(child.stdout!, "data");
      await session.scope.close();
      const { status, stdout, stderr } = await ended;
      expect([status, stdout.toString(), stderr]).to.deep.equal([255, "up\n", `${LOST}the session ended.\n`]);
      isQuick();
    });

    it("is lost with words of the guest that no terminal would obey", async () => {
      const detail = 'the guest "went"\\away.\r\nIts console:\n\tü\u001b[2J\u0007\u009b\u007f\u202e€\ud800\u0000𝄞';
      const gone = { stdin: process.stdin, resize() {}, signal() {}, close() {} };
      const { Readable, Writable } = await import("node:stream");
      const guest = { open: async () => ({ ...gone, stdin: new Writable(), stdout: Readable.from([]), stderr: Readable.from([]), ended: Promise.resolve({ kind: "lost", detail }) }) as unknown as GuestChannel };
      await using session = await FoundSession.make({ guest: guest as never });
      const { status, stderr } = await start(session, ["x"]).ended;
      expect(stderr).to.equal(`${LOST}the guest "went"\\away.\nIts console:\n\tü\\u{1b}[2J\\u{7}\\u{9b}\\u{7f}\\u{202e}€\ufffd\\u{0}𝄞\n`);
      expect(status).to.equal(255);
      isQuick();
    });

    describe("is not started, and the user hears why:", () => {
      const refused = async (session: FoundSession, code: string, words: readonly string[] = ["/bin/true"]): Promise<string> => {
        const { status, stdout, stderr } = await start(session, words).ended;
        expect([status, stdout.length]).to.deep.equal([125, 0]);
        expect(stderr).to.match(new RegExp(`^cloche: .*\\n[^]*\\(${code}\\)\\n$`));
        isHandedOver();
        return stderr;
      };

      it("no session of that name", async () => {
        await using session = new FoundSession();
        await refused(session, "SESSION_UNKNOWN");
      });

      it("a session that begins, or ends", async () => {
        await using session = await FoundSession.make();
        for (const state of ["starting", "ending"] as const) {
          await session.write({ state });
          expect(await refused(session, "SESSION_NOT_READY")).to.include(`is ${state} and`);
        }
      });

      it("a session that has just ended", async () => {
        await using session = await FoundSession.make({ listensAt: "elsewhere" });
        expect(await refused(session, "SESSION_NOT_READY")).to.include("is ending");
      });

      it("a record that is damaged, another's, of another version, or a link", async () => {
        await using session = await FoundSession.make();
        const file = join(session.directory, "record.json");
        const whole = readFileSync(file, "utf8");
        for (const damaged of ["", whole.slice(0, -20), "x".repeat(100_000), whole.replace('"version": 1', '"version": 2'), whole.replace("fern", "moss"), `${whole}x`]) {
          writeFileSync(file, damaged);
          await refused(session, "SESSION_UNKNOWN");
        }
        writeFileSync(join(session.folder, "elsewhere"), whole);
        await session.start(["/bin/ln", "-sf", join(session.folder, "elsewhere"), file]).ended;
        await refused(session, "SESSION_UNKNOWN");
      });

      it("a process that is gone, or was another one, or is numbered or was started elsewhere", async () => {
        await using session = await FoundSession.make();
        const { owner } = JSON.parse(readFileSync(join(session.directory, "record.json"), "utf8"));
        for (const change of [{ pid: 4_194_304 }, { startTicks: owner.startTicks + 1 }, { bootId: "another" }, { namespace: "pid:[1]" }]) {
          await session.write({ owner: { ...owner, ...change } });
          await refused(session, "SESSION_UNKNOWN");
        }
      });

      it("a process that has ended and only waits for its parent to notice", async () => {
        await using session = await FoundSession.make();
        const parent = session.start(["/usr/bin/perl", "-e", 'my $pid = fork; exit if !$pid; $| = 1; print "$pid\\n"; sleep 60']);
        const pid = Number((await once(parent.child.stdout!, "data"))[0]);
        const stat = () => readFileSync(`/proc/${pid}/stat`, "latin1");
        await eventually("it is a zombie", () => stat().includes(") Z "));
        const { owner } = JSON.parse(readFileSync(join(session.directory, "record.json"), "utf8"));
        await session.write({ owner: { ...owner, pid, startTicks: Number(stat().split(") ")[1]?.split(" ")[19]) } });
        await refused(session, "SESSION_UNKNOWN");
      });

      it("a directory that others may enter, or that is a link", async () => {
        await using session = await FoundSession.make();
        await session.start(["/bin/chmod", "750", session.directory]).ended;
        await refused(session, "SESSION_UNKNOWN");
        await session.start(["/bin/sh", "-c", 'chmod 700 "$0" && mv "$0" "$0.d" && ln -s "$0.d" "$0"', session.directory]).ended;
        await refused(session, "SESSION_UNKNOWN");
      });

      it("the session's own reason", async () => {
        const guest = { open: async () => { throw new ClocheError("X", { message: "no memory", hint: "close something" }); } };
        await using session = await FoundSession.make({ guest: guest as never });
        expect(await refused(session, "CONTROL_REFUSED")).to.include("no memory").and.include("close something");
      });

      it("too many others", async () => {
        await using session = await FoundSession.make();
        const others = Array.from({ length: 32 }, () => session.start(["/usr/bin/perl", "-w", join(ROOT, "host/enter.pl"), installed.launcher, "fern", "/bin/cat"]));
        await eventually("they run", () => session.local.opened.length === 32, 10_000);
        expect(await refused(session, "CONTROL_REFUSED")).to.include("32 commands");
        for (const { child } of others) child.stdin?.end();
        await Promise.all(others.map(({ ended }) => ended));
      });

      it("another version's protocol, before it is asked for anything", async () => {
        const heard: string[] = [];
        await using session = await FoundSession.imitate(({ kind }) => void heard.push(kind), 2);
        await refused(session, "CONTROL_VERSION");
        expect(heard).to.deep.equal([]);
      });

      it("words that are too long together, or too many", async () => {
        await using session = await FoundSession.make();
        await refused(session, "COMMAND_LONG", ["/bin/echo", "x".repeat(66_000)]);
        await refused(session, "CONTROL_PROTOCOL", ["/bin/echo", ...Array.from({ length: 10_000 }, () => "x")]);
        expect(session.local.opened).to.deep.equal([]);
      });
    });
  });
}
