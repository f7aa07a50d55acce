import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { Pty } from "../../support/pty.ts";
import { quoted } from "../../support/quoted.ts";

const MAIN = join(import.meta.dirname, "../../support/attach-main.ts");

interface Run {
  readonly child: ReturnType<typeof spawn>;
  readonly done: Promise<{ status: number | null; stdout: Buffer; stderr: string }>;
}

function attach(words: readonly string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [MAIN, ...words], { env: { ...process.env, ...env }, stdio: "pipe" });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on("error", () => {});
  const done = new Promise<Awaited<Run["done"]>>((resolve) => {
    child.once("close", (status) => resolve({ status, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }));
  });
  return { child, done };
}

describe("a whole process attached to a command over a real sshd", function () {
  this.timeout(60_000);

  it("passes binary input and output through, and the status", async () => {
    const input = randomBytes(3_000_000);
    const { child, done } = attach(["sh", "-c", "cat; echo err >&2; exit 7"]);
    child.stdin?.end(input);
    const { status, stdout, stderr } = await done;
    expect({ status, stderr }).to.deep.equal({ status: 7, stderr: "err\n" });
    expect(createHash("sha256").update(stdout).digest("hex")).to.equal(createHash("sha256").update(input).digest("hex"));
  });

  it("ends with the command though its own input stays open", async () => {
    const { status } = await attach(["true"]).done;
    expect(status).to.equal(0);
  });

  it("ends like a local program when its output is closed", async () => {
    const { child, done } = attach(["yes"]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    expect(await done).to.deep.include({ status: 141, stderr: "" });
  });

  it("passes SIGTERM on and ends with 143, with what the command still said", async () => {
    const { child, done } = attach(["sh", "-c", "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.05; done"]);
    child.stdout?.once("data", () => child.kill("SIGTERM"));
    const { status, stdout } = await done;
    expect({ status, stdout: stdout.toString() }).to.deep.equal({ status: 143, stdout: "up\nbye\n" });
  });

  it("ends with 255 and says why when the connection is lost", async () => {
    const { status, stderr } = await attach(["sleep", "60"], { LOSE_AFTER_MS: "1000" }).done;
    expect(status).to.equal(255);
    expect(stderr).to.contain("connection with the guest is lost");
  });

  describe("on a terminal", () => {
    const start = (script: string, env: Record<string, string> = {}) =>
      new Pty(process.execPath, [MAIN, "-t", "sh", "-c", script], { ...process.env, TERM: "xterm-256color", ...env });
    const FOREVER = "echo up; while :; do sleep 0.05; done";

    it("tells its size, and another one later", async () => {
      await using pty = start(`stty size; trap 'stty size; exit 3' WINCH; ${FOREVER}`);
      await pty.shows("up");
      pty.resize(61, 17);
      await pty.shows("17 61");
      expect(await pty.ended).to.deep.equal({ status: 3, restored: true });
      expect(pty.screen).to.equal("30 100\r\nup\r\n17 61\r\n");
    });

    it("gives Ctrl-C and Ctrl-Z to the command", async () => {
      await using pty = start(`stty -echo; trap 'echo int; exit 5' INT; trap 'echo tstp' TSTP; ${FOREVER}`);
      await pty.shows("up");
      pty.type("\x1a");
      await pty.shows("tstp");
      pty.type("\x03");
      await pty.shows("int");
      expect(await pty.ended).to.deep.equal({ status: 5, restored: true });
    });

    it("passes every byte as it is", async () => {
      await using pty = start("stty raw; printf 'a\\nb\\r\\nc'");
      expect(await pty.ended).to.deep.equal({ status: 0, restored: true });
      expect(pty.screen).to.equal("a\nb\r\nc");
    });

    it("shows the last line of much output", async () => {
      await using pty = start("seq 1 50000; printf END");
      expect(await pty.ended).to.deep.equal({ status: 0, restored: true });
      expect(pty.screen).to.match(/49999\r\n50000\r\nEND$/);
    });

    it("hears a signal though the terminal takes nothing", async () => {
      await using pty = start("echo up; exec yes");
      await pty.shows("up");
      pty.stall();
      await new Promise((resolve) => setTimeout(resolve, 300));
      pty.signal(constants.signals.SIGTERM);
      expect(await pty.ended).to.deep.equal({ status: 143, restored: true });
    });

    it("takes the smallest and the largest size, and whatever else a window is dragged to", async () => {
      await using pty = start(`stty size; trap 'stty size' WINCH; ${FOREVER}`);
      await pty.shows("up");
      for (const [columns, rows] of [[1, 1], [500, 500], [1, 500]] as const) {
        pty.resize(columns, rows);
        await pty.shows(`${rows} ${columns}\r\n`);
      }
    });

    it("ends with the command told when the terminal goes away", async () => {
      const file = join(mkdtempSync(join(tmpdir(), "cloche-hangup-")), "told");
      await using pty = start(`trap 'echo hup >${file}; exit' HUP; ${FOREVER}`);
      await pty.shows("up");
      pty.hangUp();
      expect((await pty.ended).status).to.equal(129);
      expect(readFileSync(file, "utf8")).to.equal("hup\n");
      rmSync(dirname(file), { recursive: true });
    });

    it("lets no other program's sequences through, and puts the user's title back", async () => {
      await using pty = start("printf 'a\\033]52;c;?\\007\\033]0;evil\\007\\033[21tb\\033[?1000hc'");
      expect(await pty.ended).to.deep.equal({ status: 0, restored: true });
      expect(pty.screen.replace("\x1b[22;0t\x1b]0;cloche: evil\x07", "")).to.equal("ab\x1b[?1000hc\x1b[?1000l\x1b[23;0t");
    });

    it("keeps a terminal's late answer to a program that has ended from whoever reads next", async () => {
      const shell = `${quoted(process.execPath)} ${quoted(MAIN)} -t sh -c "printf 'q\\033[6n'"; printf ready; IFS= read -rsn1 -t 3 key; printf "[%s]" "$key"`;
      await using pty = new Pty("bash", ["-c", shell], { ...process.env, TERM: "xterm-256color" });
      await pty.shows("q\x1b[6n");
      pty.type("\x1b[30;1R");
      await pty.shows("ready");
      pty.type("k");
      await pty.shows("[k]");
    });

    it("gives the terminal back when the connection is lost, screen and all", async () => {
      await using pty = start("printf '\\033[?1049h'; sleep 60", { LOSE_AFTER_MS: "5000" });
      expect(await pty.ended).to.deep.equal({ status: 255, restored: true });
      expect(pty.screen).to.match(/\x1b\[\?1049h.*\x1b\[\?1049l.*lost/s);
    });
  });
});
