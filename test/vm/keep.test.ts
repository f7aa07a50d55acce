import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { listening } from "../core/attach/filter/support.ts";
import { AnsweredPty } from "../support/answered-pty.ts";
import { Emulator, type Picture } from "../support/emulator.ts";
import { placeWithOwnTemplates } from "../support/own-templates.ts";
import type { Place } from "../support/place.ts";
import type { Pty } from "../support/pty.ts";
import { recorded, RECORDING, sinceTheAgent } from "../support/recorded-agent.ts";
import { startScriptedApi, type ScriptedApi } from "../support/scripted-api/server.ts";
import type { Ended } from "../support/started.ts";

const KEY = "sk-ant-scripted-77d1c3a0be91f264";
const MINUTE = 60_000;
const WORD = "gooseberry";
const NAME = "fern";
const OF_THE_HOST = "a conversation on the host, which is nobody's business";
const PIECE_BYTES = 2_000;
const DETACH = "\x1c\x1c";

describe("Claude Code in one session after another of a project", function () {
  this.timeout(12 * MINUTE);
  let place: Place;
  let api: ScriptedApi;

  before(async () => {
    place = placeWithOwnTemplates();
    delete place.env["CLOCHE_MACHINE_MEMORY"];
    place.env["ANTHROPIC_API_KEY"] = KEY;
    mkdirSync(join(place.home, ".claude/projects/-p"), { recursive: true });
    writeFileSync(join(place.home, ".claude/projects/-p/old.jsonl"), OF_THE_HOST);
    api = await startScriptedApi({ turns: [{ text: "**Noted.**" }, { text: `It was ${WORD}.` }, { text: "Nothing else." }], key: KEY });
    const ca = join(place.home, "ca.pem");
    writeFileSync(ca, api.caPem);
    place.configure({ claude: { keep: true }, provision: [RECORDING], egress: { upstreams: { "api.anthropic.com": { address: "127.0.0.1", port: api.port, ca } } } });
    const built = await cloche("build");
    expect(built.status, built.stderr).to.equal(0);
  });
  after(async () => {
    await cloche("stop", "--all");
    place[Symbol.dispose]();
    await api.close();
  });

  const cloche = async (...args: readonly string[]): Promise<Ended> => await place.cloche(args, { input: "", deadlineMs: 5 * MINUTE }).ended;
  const onTerminal = (command: string, ...more: readonly string[]): AnsweredPty => {
    const [program = "", ...args] = place.program;
    return new AnsweredPty(program, [...args, command, "-C", place.project, ...more], { ...place.env, TERM: "xterm-256color" });
  };
  const kept = (): string => join(place.home, ".local/state/cloche/kept");
  const lastBody = (): string => api.conversation().at(-1)?.body ?? "";

  it("looks the same through the filter of the terminal as it left the machine, at its prompt and in a conversation", async () => {
    await using terminal = onTerminal("run", "--name", NAME);
    const shows = (wanted: RegExp): Promise<void> => terminal.showsOnScreen(wanted, 3 * MINUTE);
    await shows(/from now on\?|bypass permissions on/);
    if (/from now on\?/.test(await terminal.read())) terminal.type("y\r");
    await shows(/bypass permissions on/);
    await looksTheSame(terminal);
    terminal.type(`The word is ${WORD}.`);
    await shows(new RegExp(`❯.*The word is ${WORD}`));
    terminal.type("\r");
    await shows(/Noted\./);
    await looksTheSame(terminal);
    terminal.type("/exit");
    await shows(/❯.*\/exit/);
    terminal.type("\r");
    const { status, restored } = await terminal.ended;
    expect({ status, restored }, terminal.screen.slice(-2000)).to.deep.equal({ status: 0, restored: true });
    expect(terminal.screen).to.match(/Kept for the next session of this project: the agent's transcripts and memory, \d+ files?\. See "cloche state list"\./);
  });

  it("goes on in the next one with -c", async () => {
    const { status, stdout, stderr } = await cloche("--", "-c", "-p", "Which word was it?");
    expect({ status, stdout }, stderr).to.deep.equal({ status: 0, stdout: `It was ${WORD}.\n` });
    expect(lastBody()).to.include(`The word is ${WORD}.`).and.include("Which word was it?");
  });

  it("goes on in the one after that with --resume, by the conversation's id, and with -c when its machine was suspended", async () => {
    const [transcript = "", ...others] = globSync(join(kept(), "*/claude/*/*.jsonl"));
    expect(others).to.deep.equal([]);
    expect(readFileSync(transcript, "utf8")).to.include(WORD);
    {
      await using starting = onTerminal("run", "--detach", "--name", NAME, "--", "--resume", basename(transcript, ".jsonl"));
      expect((await starting.ended).status, starting.screen).to.equal(0);
      await using visit = onTerminal("attach", NAME);
      await visit.showsOnScreen(new RegExp(`It was ${WORD}\\.`), 3 * MINUTE);
      visit.type(DETACH);
      await visit.ended;
    }
    const suspended = await cloche("suspend", NAME);
    expect(suspended.status, suspended.stderr).to.equal(0);
    const { status, stdout, stderr } = await cloche("resume", NAME, "--", "-c", "-p", "And what else?");
    expect({ status, stdout }, stderr).to.deep.equal({ status: 0, stdout: "Nothing else.\n" });
    expect(lastBody()).to.include(`The word is ${WORD}.`).and.include("Which word was it?").and.include("And what else?");
  });

  it("neither reads nor changes what the user's own agent has of conversations", () => {
    expect(JSON.stringify(api.requests)).to.not.include(OF_THE_HOST);
    expect(readdirSync(join(place.home, ".claude"), { recursive: true })).to.have.members(["projects", "projects/-p", "projects/-p/old.jsonl"]);
    expect(existsSync(join(place.home, ".claude.json"))).to.equal(false);
  });

  it("has what is kept of it listed and forgotten", async () => {
    const [of, ...others] = JSON.parse((await cloche("state", "list", "--json")).stdout) as { project: string; parts: string[]; files: number; bytes: number }[];
    expect(others).to.deep.equal([]);
    expect(of).to.deep.include({ project: place.project, parts: ["claude"] });
    expect(of?.bytes).to.be.greaterThan(1000);
    expect((await cloche("state", "list")).stdout).to.match(/^KEPT +FILES +SIZE +CHANGED +PROJECT\nclaude +\d+ /);
    expect((await cloche("state", "forget")).stdout).to.match(/^Forgot \d+ files? \(.*\) of /);
    expect((await cloche("state", "list")).stdout).to.equal("Nothing is kept.\n");
    expect(readdirSync(kept())).to.deep.equal([]);
  });

  /** Compares what the terminal was given with what the agent wrote, once both say the same amount; and that with itself through the filter. */
  async function looksTheSame(terminal: Pty): Promise<void> {
    const pictureOf = async (bytes: Buffer): Promise<Picture> => {
      const emulator = new Emulator();
      await emulator.show(bytes);
      return emulator.picture();
    };
    let [found, wanted] = [undefined, undefined] as [Picture | undefined, Picture | undefined];
    for (let tries = 0; tries < 30; tries += 1) {
      [found, wanted] = [await pictureOf(sinceTheAgent(terminal.bytes)), await pictureOf(await recorded(place, NAME))];
      if (JSON.stringify(found) === JSON.stringify(wanted)) break;
      await sleep(1000); // it is still drawing
    }
    expect(found).to.deep.equal(wanted);
    expect(found?.lines.join("\n")).to.include("bypass permissions on");
    const { filter } = listening();
    const [direct, filtered] = [new Emulator(), new Emulator()];
    const raw = await recorded(place, NAME);
    for (let at = 0; at < raw.length; at += PIECE_BYTES) {
      const piece = raw.subarray(at, at + PIECE_BYTES);
      await Promise.all([direct.show(piece), filtered.show(filter.filter(piece))]);
      expect(filtered.picture()).to.deep.equal(direct.picture());
    }
  }
});
