import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { Emulator, type Picture } from "../../support/emulator.ts";
import { listening } from "./filter/support.ts";

const QUIET_MS = 400;
const TEXT = Array.from({ length: 300 }, (_, index) => `line ${index} ${"ü日本語 ".repeat(index % 7)}\tend`).join("\n");

/** What to start, and what to type each time it says nothing more. */
interface Play {
  readonly argv: readonly string[];
  readonly keys: readonly string[];
  /** Stands on the screen in between, as a sign that it is what it should be. */
  readonly shows: string;
}

describe("full-screen programs", function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "cloche-screen-"));
    writeFileSync(join(folder, "text.txt"), TEXT);
  });
  after(() => rmSync(folder, { recursive: true }));

  const tmux = () => ["tmux", "-f", "/dev/null", "-S", join(folder, "tmux")];
  const plays: Readonly<Record<string, () => Play>> = {
    less: () => ({ argv: ["less", "-R", join(folder, "text.txt")], keys: [" ", "/line 77\r", "kk", "q"], shows: "line 77" }),
    "vim, in colours and two windows": () => ({
      argv: ["vim", "-u", "NONE", "-i", "NONE", "-N", "-n", "+set mouse=a | syntax on | set number | split", join(folder, "text.txt")],
      keys: ["ihello \x1b", "/end\r", "\x06", ":vsplit\r", ":qa!\r"],
      shows: "hello",
    }),
    "tmux, with a divided window": () => ({
      argv: [...tmux(), "-u", "new-session", "-x", "100", "-y", "30", "env PS1='$ ' sh", ";", "set", "status-right", "", ";", "set", "status-left", "tmux ", ";", "split-window", "env PS1='# ' sh"],
      keys: ["printf '\\033[31mred\\033[0m\\n'; seq 5\r", "exit\r", "exit\r"],
      shows: "red",
    }),
    "htop, as a list and as a tree": () => ({ argv: ["htop", "--delay=20"], keys: ["t", "\x1b[B", "\x1b[15~", "/htop\x1b", "q"], shows: "CPU%" }),
    "a shell with line drawing, scroll regions and inserted lines": () => ({
      argv: ["bash", "-c", `tput smcup; tput csr 5 20; tput cup 10 10; tput il 3; tput smacs; printf lqqk; tput rmacs; tput bold; tput setaf 3; printf bright; tput sgr0; sleep 1; tput rmcup`],
      keys: [],
      shows: "bright",
    }),
  };

  for (const [name, play] of Object.entries(plays)) {
    it(`look the same through the filter: ${name}`, async () => {
      const pieces = await record(play());
      const direct = new Emulator();
      const filtered = new Emulator();
      const { filter } = listening();
      let shown = false;
      for (const piece of pieces) {
        await Promise.all([direct.show(piece), filtered.show(filter.filter(piece))]);
        const [expected, found] = [direct.picture(), filtered.picture()];
        shown ||= found.lines.some((line) => line.includes(play().shows));
        compare(found, expected);
      }
      expect(shown, `"${play().shows}" was never shown:\n${Buffer.concat(pieces)}`).to.equal(true);
      expect(filter.state.restore(), "what it left set").to.match(/^(\x1b\[0m|\x1b\(B\x1b\)B\x0f|\x1b7\x1b\[r\x1b8)*$/);
    });
  }

  it("would be told apart if they did not", async () => {
    const [one, other] = [new Emulator(), new Emulator()];
    await one.show(Buffer.from("\x1b[31mred"));
    await other.show(Buffer.from("red"));
    expect(() => compare(one.picture(), other.picture())).to.throw();
  });
});

function compare(found: Picture, expected: Picture): void {
  expect(found.lines).to.deep.equal(expected.lines);
  expect(found.looks).to.deep.equal(expected.looks);
  expect(found.rest).to.equal(expected.rest);
}

/** What a program writes to a terminal that answers it, in the pieces in which it comes. */
async function record({ argv, keys }: Play): Promise<Buffer[]> {
  const child = spawn("python3", [join(import.meta.dirname, "../../support/pty.py"), ...argv], { env: { ...process.env, TERM: "xterm-256color", LANG: "C.UTF-8", TMUX: "" } });
  const pieces: Buffer[] = [];
  const emulator = new Emulator();
  const type = (text: string): void => void child.stdin.write(`${JSON.stringify({ type: text })}\n`);
  emulator.onAnswer(type);
  let last = performance.now();
  child.stdout.on("data", (piece: Buffer) => {
    last = performance.now();
    pieces.push(piece);
    void emulator.show(piece);
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const left = [...keys];
  const timer = setInterval(() => {
    if (performance.now() - last < QUIET_MS || left.length === 0) return;
    last = performance.now();
    type(left.shift() as string);
  }, 50);
  const late = setTimeout(() => child.kill(), 30_000);
  await ended;
  clearInterval(timer);
  clearTimeout(late);
  return pieces;
}
