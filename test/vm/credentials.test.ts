import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { release, tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { expect } from "chai";
import type { BugReport } from "../../core/doctor/report.ts";
import { fillMaximal, GOOD, Markers } from "../plugins/credentials/staging/maximal.ts";
import { Place } from "../support/place.ts";
import { entriesOf, orElse, readOr } from "../support/proc.ts";
import { processesOfTest } from "../support/processes.ts";
import { Program } from "../support/program.ts";
import { qemuOf } from "../support/qemu-of.ts";
import { exampleScript, LAST_WORDS, MADE_BY_BASH, MADE_BY_WRITE } from "../support/scripted-api/script.ts";
import { startScriptedApi, type ScriptedApi } from "../support/scripted-api/server.ts";
import { textsIn, textsInFile, textsInFolder, textsInMemory, type Wanted } from "../support/search.ts";
import type { Started } from "../support/started.ts";

const MINUTE = 60_000;
const NAME = "credentials";
const AS_ROOT = ["become", "--reuid=0", "--regid=0", "--clear-groups", "--"];

describe("What is yours, in a machine", () => {
  // no text of anybody else's begins like this, so that one search finds whatever leaked
  const markers = new Markers(`cn${randomBytes(4).toString("hex")}`);
  const wanted: Wanted = { beginning: markers.beginning, pattern: /x$/, length: markers.beginning.length + 5 };
  const ACCESS = `sk-ant-oat01-${markers.at("the login's access token")}`;
  const CONTROL = markers.at("the control");
  /** Where the markers stand on the host that were found. */
  const places = (found: readonly string[]): readonly string[] => [...new Set(found.map((each) => markers.all.get(each) ?? each))].sort();
  let program: Program;
  let place: Place;
  let api: ScriptedApi;
  let agent: Server; // of SSH, as the user has one
  let dialled = 0;
  let keeper: Started;
  let begun = 0; // seconds since 1970

  before(async function () {
    this.timeout(10 * MINUTE);
    program = new Program("root-door");
    place = new Place("the project", {}, program.command);
    api = await startScriptedApi({ turns: exampleScript(place.project), key: ACCESS });
    const socket = join(place.folder, "ssh-agent");
    agent = createServer((connection) => { dialled += 1; connection.destroy(); }).listen(socket);
    Object.assign(place.env, fillMaximal({ project: place.project, write }, markers), { MINE_REAL: markers.at("a secret of the table"), SSH_AUTH_SOCK: socket });
    write(".claude/.credentials.json", { claudeAiOauth: { accessToken: ACCESS, refreshToken: markers.at("the login's refresh token"), expiresAt: Date.now() + 60 * MINUTE, scopes: ["user:inference"], subscriptionType: "max" } });
    write(".ssh/config", `Host *\n  SetEnv X=${markers.at("ssh configuration")}\n  ProxyCommand touch ${join(place.folder, "proxied")}\n  ForwardAgent yes\n`);
    write(".claude/skills/a/all-bytes.bin", Buffer.from(Array.from({ length: 4096 }, (_, index) => index % 256)));
    writeFileSync(join(place.project, ".env"), `API_TOKEN=${markers.at("a masked file")}\n`);
    write("ca.pem", api.caPem);
    place.configure({
      egress: { presets: ["npm", "apt"], upstreams: { "api.anthropic.com": { address: "127.0.0.1", port: api.port, ca: join(place.home, "ca.pem") } } },
      credentials: { login: "host", secrets: { mine: { source: { env: "MINE_REAL" }, hosts: ["secret.test"], place: [{ header: "authorization" }], variable: "MINE" } }, mask: [".env"] },
      machine: { memory: "1GiB" },
    });
    begun = Math.floor(Date.now() / 1000) - 1;
    keeper = place.cloche(["exec", "--name", NAME, "--", "sh", "-c", "echo ready; exec cat"], { env: { DEBUG: "cloche:*" }, deadlineMs: 15 * MINUTE });
    await keeper.says(/^ready$/m);
  });

  after(async () => {
    keeper?.stdin.end();
    await keeper?.ended.catch(() => {});
    agent?.close();
    place?.[Symbol.dispose]();
    program?.[Symbol.dispose]();
    await api?.close();
  });

  function write(name: string, content: string | Buffer | object): void {
    mkdirSync(dirname(join(place.home, name)), { recursive: true });
    writeFileSync(join(place.home, name), typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  }

  const inside = async (script: string, before: readonly string[] = []): Promise<string> => {
    const { status, stdout, stderr } = await place.cloche(["exec", "--session", NAME, "--", ...before, "sh", "-c", script], { input: "", deadlineMs: 4 * MINUTE }).ended;
    if (status !== 0) throw new Error(`${script} ended with ${status}: ${stdout}${stderr}`);
    return stdout;
  };

  it("is there as far as it may be: settings, git's identity, placeholders, binary files byte for byte, and nothing of a masked file", async () => {
    const seen = await inside('cat ~/.claude/settings.json; git config user.email; echo "MINE=$MINE"; wc -c <.env; stat -c "%U %a" ~/.claude/.credentials.json; base64 -w0 ~/.claude/skills/a/all-bytes.bin');
    expect(places(textsIn(Buffer.from(seen), wanted))).to.include.members(["settings.model", "git user.email"]);
    expect(seen).to.match(/MINE=\S{32}/).and.match(/^0$/m).and.include("agent 600");
    expect(seen).to.include(readFileSync(join(place.home, ".claude/skills/a/all-bytes.bin")).toString("base64"));
    expect(readFileSync(join(place.project, ".env"), "utf8")).to.include(markers.beginning);
  });

  it("lets the agent do its task as the host's login, which it never holds", async () => {
    expect(await inside("claude --dangerously-skip-permissions -p 'make two files'")).to.equal(`${LAST_WORDS}\n`);
    for (const { name, content } of [MADE_BY_BASH, MADE_BY_WRITE]) expect(readFileSync(join(place.project, name), "utf8")).to.equal(content);
    const conversation = api.conversation();
    expect(conversation).to.have.length.at.least(3);
    for (const { headers } of conversation) expect(headers.authorization).to.equal(`Bearer ${ACCESS}`);
    const said = places(api.requests.flatMap(({ path, body }) => textsIn(Buffer.from(path + body), wanted)));
    expect(said).to.include("good CLAUDE.md");
    expect(said.filter((each) => !GOOD.includes(each))).to.deep.equal([]);
  });

  it("is in the guest's files where it may be, and nowhere else, root's eye and every process included", async () => {
    // written so that the search does not find itself
    const pattern = `[${markers.beginning.slice(0, 1)}]${markers.beginning.slice(1)}[0-9]{4}x`;
    const grep = `LC_ALL=C grep -hoaE '${pattern}'`;
    // of what the image brought only what was changed: the image itself is looked through on the host
    const files = `{ ${grep} -r / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev --exclude-dir=usr; ${grep} -r /dev/shm; find /usr -xdev -type f -newerct @${begun} -print0 | xargs -0r ${grep}; } 2>/dev/null | sort -u`;
    expect(places((await inside(files, AS_ROOT)).split("\n").filter(Boolean))).to.deep.equal(GOOD);
    const processes = `cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline /proc/cmdline 2>/dev/null | LC_ALL=C grep -oaE '${pattern}' | sort -u`;
    expect(await inside(processes, AS_ROOT)).to.equal("");
    expect(await inside(`half=${CONTROL.slice(5)}; CONTROL="${CONTROL.slice(0, 5)}$half" sh -c "${processes.replaceAll('"', '\\"')}"`, AS_ROOT)).to.equal(`${CONTROL}\n`);
  });

  it("is in QEMU's memory, which is the guest's and the seed's and all that its monitor could dump, where it may be", () => {
    const found = places(textsInMemory(qemuOf(keeper.pid), wanted));
    expect(found).to.include.members(["good CLAUDE.md", "good skills/a/SKILL.md", "settings.model", "git user.name"]);
    expect(found.filter((each) => !GOOD.includes(each) && each !== "the control")).to.deep.equal([]);
  });

  it("is in no argument of a process of ours, and in no environment but that of the program that you started", () => {
    const own = new Set([String(process.pid), ...shellsAbove(keeper.pid)]);
    const ours = (): readonly string[] => processesOfTest([place.folder]).filter((pid) => !own.has(pid));
    const leaks = (pid: string): readonly string[] => places([readOr(`/proc/${pid}/environ`), readOr(`/proc/${pid}/cmdline`)].flatMap((text) => textsIn(Buffer.from(text), wanted)));
    expect(ours().length).to.be.greaterThan(4);
    expect(ours().map((pid) => [readOr(`/proc/${pid}/cmdline`).replaceAll("\0", " "), leaks(pid)] as const).filter(([, found]) => found.length > 0)).to.deep.equal([]);
    expect(leaks(String(keeper.pid))).to.include("environment LANGCHAIN_API_KEY");
    for (const [args, env] of [[[CONTROL], {}], [[], { CONTROL }]] as const) {
      const control = spawn("sh", ["-c", "read -r end", ...args], { env: { PATH: "/usr/bin:/bin", ...env }, stdio: ["pipe", "ignore", "ignore"] });
      try {
        expect(ours().flatMap(leaks)).to.deep.equal(["the control"]);
      } finally {
        endNow(control);
      }
    }
  });

  it("is in no file of ours on the host: run directory, state, logs, recipes", () => {
    const cache = join(place.env["XDG_CACHE_HOME"] ?? "", "cloche");
    const folders = [place.runtime, join(place.home, ".local"), join(place.home, ".cache"), join(cache, "recipes"), join(cache, "drafts")].filter((folder) => existsSync(folder));
    expect(folders).to.include.members([place.runtime, join(place.home, ".local"), join(cache, "recipes")]);
    for (const folder of folders) {
      expect(places(textsInFolder(folder, wanted)), folder).to.deep.equal([]);
      const control = join(folder, `control-${process.pid}`);
      writeFileSync(control, `${"\0".repeat(9_000_000)}${CONTROL}`);
      try {
        expect(places(textsInFolder(folder, wanted)), folder).to.deep.equal(["the control"]);
      } finally {
        rmSync(control);
      }
    }
    expect(keeper.stderr().match(/cloche:credentials/g)).to.have.length.at.least(1); // what developers are told is searched too
    expect(textsIn(Buffer.from(keeper.stderr() + keeper.stdout()), wanted)).to.deep.equal([]);
  });

  it("is not in a report for a bug beside the session, nor is any name of yours; what a bug needs is", async () => {
    const cache = join(place.folder, `a cache of ${markers.at("the cache's name")}`); // one of its own: all that is in one is read
    const asked = await place.cloche(["doctor", "--report"], { input: "", env: { XDG_CACHE_HOME: cache } }).ended;
    const [, name = ""] = /^The report is in (cloche-report-[\dT-]+\.json)\. /.exec(asked.stdout) ?? [];
    const file = join(place.project, name);
    expect([asked.status, statSync(file).mode & 0o777], asked.stderr).to.deep.equal([0, 0o600]);
    const text = readFileSync(file, "utf8");
    rmSync(file);
    expect(places(textsIn(Buffer.from(text + asked.stdout + asked.stderr), wanted))).to.deep.equal([]);
    const placeholder = (await inside("echo $MINE")).trim();
    const record = JSON.parse(readFileSync(join(place.runtime, `cloche/sessions/${NAME}/record.json`), "utf8")) as { owner: { bootId: string } };
    for (const own of [placeholder, record.owner.bootId, place.folder, "the project", "a cache of", "secret.test", "MINE_REAL"]) expect(text).to.not.include(own);

    const report = JSON.parse(text) as BugReport;
    expect(report).to.include({ node: process.versions.node, kernel: release(), platform: `${process.platform} ${process.arch}`, sessions: 1 });
    expect(report.checks.find(({ id }) => id === "qemu")?.found).to.match(/^\d+\.\d+/);
    for (const { found } of report.checks) expect(found).to.not.include(userInfo().username);
    expect(report.checks.map(({ id }) => id)).to.include.members(["kvm", "bubblewrap", "user-namespaces", "memory", "disk"]);
    expect(report.options).to.deep.include.members([{ key: "machine.memory", from: "user", value: "1GiB" }, { key: "credentials.secrets", from: "user" }, { key: "egress.upstreams", from: "user" }]);
    expect(report.plugins).to.deep.include.members([{ name: "egress", enabled: true }, { name: "credentials", enabled: true }]);
  });

  it("is in no template that a machine could begin from, and not in the image of this one", () => {
    const cache = join(place.env["XDG_CACHE_HOME"] ?? "", "cloche");
    const kernel: Wanted = { beginning: "Linux version ", pattern: /[0-9]\.$/, length: 16 };
    for (const folder of foldersIn(join(cache, "templates/ready"))) {
      const { ram } = JSON.parse(readFileSync(join(folder, "template.json"), "utf8")) as { ram: { extents: [number, number][] } };
      expect(textsInFile(join(folder, "ram"), kernel, ram.extents), "the control").to.have.lengthOf(1);
      expect(places(textsInFile(join(folder, "ram"), wanted, ram.extents)), folder).to.deep.equal([]);
      expect(places(textsInFile(join(folder, "state"), wanted)), folder).to.deep.equal([]);
    }
    const open = new Set(entriesOf(`/proc/${qemuOf(keeper.pid)}/fd`).map((fd) => inodeOf(`/proc/${qemuOf(keeper.pid)}/fd/${fd}`)));
    const images = [...foldersIn(join(cache, "bases")), ...foldersIn(join(cache, "layers"))].flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith(".squashfs")).map((name) => join(folder, name))).filter((image) => open.has(inodeOf(image)));
    expect(images).to.have.length.at.least(2); // the system's and the agent's
    const control: Wanted = { beginning: "Debian GNU/Linu", pattern: /x$/, length: 16 };
    expect(images.flatMap((image) => unpacked(image, (folder) => {
      expect(places(textsInFolder(folder, wanted)), image).to.deep.equal([]);
      return textsInFolder(folder, control);
    }))).to.include("Debian GNU/Linux");
  });

  it("has no use for your SSH: neither its configuration nor its agent is asked", () => {
    expect([existsSync(join(place.folder, "proxied")), dialled]).to.deep.equal([false, 0]);
  });

  function foldersIn(folder: string): readonly string[] {
    return readdirSync(folder).filter((name) => !name.startsWith(".")).map((name) => join(folder, name));
  }

  function inodeOf(path: string): string {
    return orElse(() => { const { dev, ino } = statSync(path); return `${dev} ${ino}`; }, "none");
  }

  /** What is found in an image's files, unpacked for that. */
  function unpacked<T>(image: string, find: (folder: string) => T): T {
    const folder = mkdtempSync(join(tmpdir(), "ci-"));
    try {
      execFileSync("unsquashfs", ["-quiet", "-no-progress", "-no-xattrs", "-ignore-errors", "-no-exit-code", "-force", "-dest", folder, image], { stdio: "ignore", timeout: 4 * MINUTE });
      execFileSync("chmod", ["-R", "u+rwX", folder]);
      return find(folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  function endNow(child: ChildProcess): void {
    child.stdin?.end();
    child.kill("SIGKILL");
  }

  /** A process and those below it that are the same program: what the user started, and what that became. */
  function shellsAbove(pid: number): readonly string[] {
    const children = entriesOf("/proc").filter((name) => /^\d+$/.test(name) && new RegExp(`^PPid:\\s+${pid}$`, "m").test(readOr(`/proc/${name}/status`)));
    const same = children.filter((child) => /cli\.js/.test(readOr(`/proc/${child}/cmdline`)));
    return [String(pid), ...same];
  }
});
