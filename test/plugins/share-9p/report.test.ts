import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { findPlaces } from "../../../plugins/share-9p/frozen/find.ts";
import type { Reach } from "../../../core/index.ts";
import { messageOf } from "../../../core/support/errors.ts";
import type { ShareOptions } from "../../../plugins/share-9p/options.ts";
import { beginReporting } from "../../../plugins/share-9p/report/reporting.ts";
import { lookBack } from "../../../plugins/share-9p/report/look-back.ts";
import type { Report } from "../../../plugins/share-9p/report/report.ts";
import { readScripts } from "../../../plugins/share-9p/report/scripts.ts";
import { programSettings } from "../../../plugins/share-9p/report/signs.ts";
import { keepReport, keptReport } from "../../../plugins/share-9p/report/store.ts";
import { reportLines, wholeReport } from "../../../plugins/share-9p/report/words.ts";

const never = new AbortController().signal;

describe("The report at the end of a session", () => {
  let root: string;
  const put = (path: string, content = "x", mode = 0o644) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode });
    chmodSync(join(root, path), mode);
  };
  /** What is found after something was done to the tree. */
  async function after(act: () => void): Promise<string[]> {
    const places = await findPlaces(root, never);
    const scripts = readScripts(root, places.packages);
    await sleep(30);
    const began = Date.now();
    await sleep(30);
    act();
    const { findings } = await lookBack(root, { began, places, scripts }, []);
    return findings.map(({ kind, path, detail }) => `${kind} ${path}${detail === "" ? "" : ` ${detail}`}`);
  }
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "cloche-report-")));
    put("package.json", '{"scripts":{"test":"mocha","build":"tsc"}}');
    put("old.sh", "x", 0o755);
    put("inner/file");
    execFileSync("git", ["init", "-q", root]);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("is empty when nothing happened, and after plain edits", async () => {
    expect(await after(() => {})).to.deep.equal([]);
    expect(await after(() => { put("src/new.ts"); put("package.json", '{"scripts":{"test":"mocha","build":"tsc"},"version":"2.0.0"}'); })).to.deep.equal([]);
  });

  it("is none when the session was stopped before it began, and fails with what kept it from looking otherwise", async () => {
    const stop = new AbortController();
    const said: string[] = [];
    const reach = { session: { name: "fern", project: root, stateDir: join(root, "state") }, signal: stop.signal, progress: { say: (line: string) => said.push(line) }, log: () => {} } as unknown as Reach<ShareOptions>;
    const reporting = beginReporting(Promise.reject(new Error("no looking")), [], reach);
    expect(await reporting().then(() => "", messageOf)).to.equal("no looking");
    stop.abort();
    await reporting();
    expect([said, existsSync(join(root, "state"))]).to.deep.equal([[], false]);
  });

  it("names a new repository, also a bare one and one that was moved there, with what it would run", async () => {
    put("innocent/config", '[core]\n  fsmonitor = evil\n[alias]\n  st = !evil\n[filter "evil=x"]\n  clean = evil\n');
    put("innocent/hooks/pre-commit", "x", 0o755);
    put("innocent/HEAD", "ref: refs/heads/x\n");
    put("bare/HEAD", "ref: refs/heads/x\n");
    mkdirSync(join(root, "bare/objects"));
    const found = await after(() => {
      renameSync(join(root, "innocent"), join(root, "inner/.git"));
      mkdirSync(join(root, "bare/refs"));
      put("linked/.git", "gitdir: ../inner/.git\n");
    });
    expect(found).to.deep.equal(["repository inner/.git with fsmonitor, st, clean, the hook pre-commit", "repository linked/.git"]);
    const bare = await after(() => execFileSync("git", ["init", "-q", "--bare", join(root, "new.git")]));
    expect(bare).to.include("repository new.git");
  });

  it("names programs, links out, pipes, scripts, workflows, orders of agents, frozen names further down, and packages", async () => {
    const found = await after(() => {
      put("tool", "x", 0o755);
      chmodSync(join(root, "old.sh"), 0o700);
      symlinkSync("../../etc/passwd", join(root, "inner/out"));
      symlinkSync("/etc", join(root, "absolute"));
      symlinkSync("../package.json", join(root, "inner/in"));
      symlinkSync("loop", join(root, "loop"));
      execFileSync("mkfifo", [join(root, "pipe")]);
      put("package.json", '{"scripts":{"test":"mocha","build":"evil","postinstall":"evil"}}');
      put("sub/package.json", '{"scripts":{"prepare":"evil"}}');
      put(".github/workflows/ci.yml");
      put("Makefile");
      put("AGENTS.md");
      put("sub/.vscode/tasks.json");
      put("node_modules/evil/index.js");
    });
    expect(found).to.deep.equal([
      "frozen sub/.vscode/tasks.json", "link absolute to /etc", "link inner/out to ../../etc/passwd", "link loop to loop", "special pipe",
      "scripts package.json build, postinstall", "scripts sub/package.json prepare", "runs .github/workflows/ci.yml", "runs Makefile",
      "instructions AGENTS.md", "packages node_modules", "executable old.sh", "executable tool",
    ]);
  });

  it("names a rebase that would run something when it is continued", async () => {
    expect(await after(() => put(".git/rebase-merge/git-rebase-todo", "pick 1\nexec evil\n"))).to.deep.equal(["rebase .git/rebase-merge/git-rebase-todo exec evil"]);
  });

  it("is bounded and safe to show, whatever the names are", async () => {
    const found = await after(() => {
      for (let index = 0; index < 300; index++) put(`many/${index}`, "x", 0o755);
      put("a\nb\u001b]52;c;x\u0007", "x", 0o755);
      execFileSync("sh", ["-c", "printf x >\"$(printf 'bad\\377name')\" && chmod +x bad*"], { cwd: root });
      put("n".repeat(255), "x", 0o755);
    });
    expect(found).to.have.lengthOf(200);
    const findings = found.map((line) => ({ kind: "executable" as const, path: line, detail: "" }));
    const report: Report = { version: 1, session: "s", project: root, ended: "now", findings, more: 103 };
    expect([...reportLines(report), wholeReport(report)].join("")).to.not.match(/\u001b|\u0007/);
    expect(reportLines(report)).to.have.lengthOf(2);
    expect(reportLines(report)[1]).to.include("and 197 more");
    expect(wholeReport(report)).to.include("and 103 more");
    keepReport(join(root, "state"), report);
    expect(keptReport(join(root, "state"), root)).to.deep.equal(report);
    expect(keptReport(join(root, "state"), "/other")).to.equal(undefined);
  });

  it("knows which settings of git run something", () => {
    expect(programSettings("[core]\n\tbare = false\n\tfilemode = true\n[remote \"x\"]\n\turl = y\n\tfetch = z\n")).to.deep.equal([]);
    expect(programSettings("[include]\npath=x\n[diff \"a\"]\n textconv = x\n[credential]\nhelper=x")).to.deep.equal(["path", "textconv", "helper"]);
  });
});
