import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { inMemoryOf } from "../support/memory-of.ts";
import { Place } from "../support/place.ts";
import { entriesOf, readOr } from "../support/proc.ts";
import { processesOfTest } from "../support/processes.ts";
import { qemuOf } from "../support/qemu-of.ts";
import { exampleScript, LAST_WORDS, MADE_BY_BASH, MADE_BY_WRITE } from "../support/scripted-api/script.ts";
import { startScriptedApi, type ScriptedApi } from "../support/scripted-api/server.ts";
import type { Started } from "../support/started.ts";

const MINUTE = 60_000;
const NAME = "credentials";
// no text of anybody else's begins like this, so that one search finds whatever leaked
const MARK = `cnry${randomBytes(6).toString("hex")}`;
const ALLOWED = `${MARK}-allowed`;
const secret = (where: string): string => `${MARK}-secret-${where}`;
const ACCESS = `sk-ant-oat01-${secret("access")}`;

describe("What is yours, in a machine", () => {
  let place: Place;
  let api: ScriptedApi;
  let keeper: Started;

  before(async () => {
    const variables = Object.fromEntries(["AWS_SECRET_ACCESS_KEY", "LANGCHAIN_API_KEY", "SSH_AUTH_SOCK", "NPM_TOKEN", "MINE_REAL", ...Array.from({ length: 100 }, (_, index) => `CANARY_${index}`)].map((name) => [name, secret(`variable-${name}`)]));
    place = new Place("the project", variables);
    api = await startScriptedApi({ turns: exampleScript(place.project), key: ACCESS });
    write(".claude/.credentials.json", { claudeAiOauth: { accessToken: ACCESS, refreshToken: secret("refresh"), expiresAt: Date.now() + 60 * MINUTE, scopes: ["user:inference"], subscriptionType: "max" } });
    write(".claude/CLAUDE.md", `Remember ${ALLOWED}.\n`);
    write(".claude/settings.json", { env: { TOKEN: secret("settings") }, apiKeyHelper: `echo ${secret("helper")}`, permissions: { deny: ["Bash(shutdown:*)"] } });
    write(".claude.json", { theme: "dark", userID: secret("user"), mcpServers: { x: { command: "x", env: { T: secret("mcp") } } }, projects: { [place.project]: { history: [{ display: secret("history") }] } } });
    write(".gitconfig", `[user]\n\tname = Zoë\n\temail = z@example.com\n[http]\n\textraHeader = ${secret("git")}\n`);
    write(".npmrc", `//registry.test/:_authToken=${secret("npm")}\n`);
    write(".ssh/config", `Host *\n  SetEnv X=${secret("ssh")}\n`);
    writeFileSync(join(place.project, ".env"), `API_TOKEN=${secret("project")}\n`);
    const ca = join(place.home, "ca.pem");
    writeFileSync(ca, api.caPem);
    place.configure({
      egress: { upstreams: { "api.anthropic.com": { address: "127.0.0.1", port: api.port, ca } } },
      credentials: { secrets: { mine: { source: { env: "MINE_REAL" }, hosts: ["secret.test"], place: [{ header: "authorization" }], variable: "MINE" } }, mask: [".env"] },
      machine: { memory: "1GiB" },
    });
    keeper = place.cloche(["exec", "--name", NAME, "--", "sh", "-c", "echo ready; exec cat"], { deadlineMs: 8 * MINUTE });
    await keeper.says(/^ready$/m);
  });

  after(async () => {
    keeper.stdin.end();
    await keeper.ended.finally(() => place[Symbol.dispose]());
    await api.close();
  });

  function write(name: string, content: string | object): void {
    mkdirSync(dirname(join(place.home, name)), { recursive: true });
    writeFileSync(join(place.home, name), typeof content === "string" ? content : JSON.stringify(content));
  }

  const inside = async (script: string): Promise<string> => {
    const { status, stdout, stderr } = await place.cloche(["exec", "--session", NAME, "--", "sh", "-c", script], { input: "", deadlineMs: 3 * MINUTE }).ended;
    if (status !== 0) throw new Error(`${script} ended with ${status}: ${stdout}${stderr}`);
    return stdout;
  };

  it("is there as far as it may be: memory, settings, git's identity, placeholders, and nothing of a masked file", async () => {
    const seen = await inside('cat ~/.claude/CLAUDE.md ~/.claude/settings.json; git config user.email; echo "MINE=$MINE"; wc -c <.env; stat -c "%U %a" ~/.claude/.credentials.json ~/.claude/skills 2>/dev/null || true');
    expect(seen).to.include(`Remember ${ALLOWED}.`).and.include("Bash(shutdown:*)").and.include("z@example.com").and.match(/MINE=\S{32}/).and.match(/^0$/m).and.include("agent 600");
    expect(readFileSync(join(place.project, ".env"), "utf8")).to.include(secret("project"));
  });

  it("lets the agent do its task as the host's login, which it never holds", async () => {
    expect(await inside("claude --dangerously-skip-permissions -p 'make two files'")).to.equal(`${LAST_WORDS}\n`);
    for (const { name, content } of [MADE_BY_BASH, MADE_BY_WRITE]) expect(readFileSync(join(place.project, name), "utf8")).to.equal(content);
    const conversation = api.conversation();
    expect(conversation).to.have.length.at.least(3);
    for (const { headers } of conversation) expect(headers.authorization).to.equal(`Bearer ${ACCESS}`);
    expect(conversation[0]?.body).to.include(ALLOWED).and.not.include(`${MARK}-secret`);
  });

  it("is nowhere in the guest: not in its files, environments and processes", async () => {
    // in two halves, so that the search does not find itself
    const halves = [MARK.slice(0, 6), `${MARK.slice(6)}-secret`];
    const search = `umask 077; printf %s%s ${halves.join(" ")} >/dev/shm/part; grep -rlsaFf /dev/shm/part /home/agent /etc /run /tmp /var /root 2>/dev/null; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline /proc/cmdline 2>/dev/null | grep -caFf /dev/shm/part; rm /dev/shm/part; true`;
    expect(await inside(search)).to.equal("0\n");
    expect(await inside(`part=$(printf %s%s ${halves[0]} ${MARK.slice(6)}-allowed); grep -rlsaF "$part" /home/agent/.claude/CLAUDE.md`)).to.include("CLAUDE.md"); // the control
  });

  it("is in no memory of QEMU or of the guest, though what may cross is", () => {
    expect(inMemoryOf(qemuOf(keeper.pid), [`${MARK}-secret`, ALLOWED])).to.deep.equal([ALLOWED]);
  });

  it("is in no argument of a process of ours, and in no environment but that of the program that you started", () => {
    const own = new Set([String(process.pid), ...shellsAbove(keeper.pid)]);
    const ours = processesOfTest([place.folder]).filter((pid) => !own.has(pid));
    expect(ours.length).to.be.greaterThan(4);
    const leaking = ours.filter((pid) => [readOr(`/proc/${pid}/environ`), readOr(`/proc/${pid}/cmdline`)].some((text) => text.includes(`${MARK}-secret`)));
    expect(leaking.map((pid) => readOr(`/proc/${pid}/cmdline`).replaceAll("\0", " "))).to.deep.equal([]);
    expect(readOr(`/proc/${keeper.pid}/environ`)).to.include(`${MARK}-secret`); // the control
  });

  it("is in no file of ours on the host: run directory, state, logs, recipes and the template that it began from", () => {
    const folders = [place.runtime, join(place.home, ".local"), join(place.home, ".cache"), ...templates(), join(place.env["XDG_CACHE_HOME"] ?? "", "cloche/recipes")].filter((folder) => existsSync(folder));
    expect(search(`${MARK}-secret`, folders)).to.equal("");
    expect(readdirSync(place.runtime)).to.not.deep.equal([]);
    expect(search(`${MARK}-secret`, [place.home])).to.include(".claude.json"); // the control
    expect(keeper.stderr() + keeper.stdout()).to.not.include(`${MARK}-secret`);
  });

  /** The folders of templates that QEMU has mapped, or could have been frozen from it. */
  function templates(): readonly string[] {
    const all = join(place.env["XDG_CACHE_HOME"] ?? "", "cloche/templates");
    if (!existsSync(all)) return [];
    const named = readdirSync(all).map((name) => join(all, name)).filter((path) => statSync(path).isDirectory());
    return named.toSorted((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs).slice(0, 1);
  }

  /** Files below the folders that hold the text. */
  function search(text: string, folders: readonly string[]): string {
    try {
      return execFileSync("grep", ["-rlsaF", text, ...folders], { encoding: "utf8", timeout: 2 * MINUTE });
    } catch (error) {
      if ((error as { status?: number }).status === 1) return "";
      throw error;
    }
  }

  /** A process and those below it that are the same program: what the user started, and what that became. */
  function shellsAbove(pid: number): readonly string[] {
    const children = entriesOf("/proc").filter((name) => /^\d+$/.test(name) && new RegExp(`^PPid:\\s+${pid}$`, "m").test(readOr(`/proc/${name}/status`)));
    const same = children.filter((child) => /cli\.js/.test(readOr(`/proc/${child}/cmdline`)));
    return [String(pid), ...same];
  }
});
