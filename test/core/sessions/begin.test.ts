import { once } from "node:events";
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "chai";
import { beginSession } from "../../../core/sessions/begin.ts";
import { findSession, listSessions } from "../../../core/sessions/list.ts";
import { identify } from "../../../core/sessions/process-identity.ts";
import { writeRecord, type SessionRecord } from "../../../core/sessions/record.ts";
import { stagingName } from "../../../core/sessions/staging.ts";
import { sweep } from "../../../core/sessions/sweep.ts";
import { Disposers } from "../../../core/support/disposers.ts";
import { eventually, runtimeDirectory, startKeeper } from "./support.ts";

const self = identify(process.pid)!;
const dead = { ...self, startTicks: self.startTicks - 1 };

/** Makes what a session leaves whose process ended in a crash of the host. */
async function remains(sessions: string, name: string, changes: Partial<SessionRecord> = {}): Promise<string> {
  const directory = join(sessions, name);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  await writeRecord(directory, {
    version: 1, name, project: "/p", state: "running", created: "2026-01-01T00:00:00.000Z", owner: dead, ...changes,
  });
  writeFileSync(join(directory, "socket"), "");
  return directory;
}

function sessionsIn(runtime: string): string {
  const sessions = join(runtime, "sessions");
  mkdirSync(sessions, { mode: 0o700 });
  return sessions;
}

async function codeOf(work: Promise<unknown>): Promise<string | undefined> {
  return await work.then(() => "nothing was thrown", (error: { code?: string }) => error.code);
}

describe("A session", () => {
  it("begins in a directory that only its user can enter, with a record, and ends with nothing left", async () => {
    using runtime = runtimeDirectory();
    const scope = new Disposers();
    const session = await beginSession({ runtimeDirectory: runtime.path, name: "quiet-fern", project: "/the/project" }, scope);
    expect(session.runDir).to.equal(join(runtime.path, "sessions", "quiet-fern"));
    expect(lstatSync(session.runDir).mode & 0o777).to.equal(0o700);
    expect(lstatSync(join(session.runDir, "record.json")).mode & 0o777).to.equal(0o600);
    const [listed] = await listSessions(runtime.path);
    expect(listed).to.include({ name: "quiet-fern", project: "/the/project", state: "starting" });
    expect(listed?.owner.pid).to.equal(process.pid);
    await session.enter("running");
    expect(await findSession(runtime.path, "quiet-fern")).to.have.property("state", "running");
    await scope.close();
    expect(readdirSync(join(runtime.path, "sessions"))).to.deep.equal([]);
  });

  it("sweeps when it begins what crashes left", async () => {
    using runtime = runtimeDirectory();
    const sessions = sessionsIn(runtime.path);
    await remains(sessions, "crashed");
    await using scope = new Disposers();
    await beginSession({ runtimeDirectory: runtime.path, name: "fern", project: "/p" }, scope);
    expect(readdirSync(sessions)).to.deep.equal(["fern"]);
  });

  it("gets an invented name when the user gave none", async () => {
    using runtime = runtimeDirectory();
    await using scope = new Disposers();
    const session = await beginSession({ runtimeDirectory: runtime.path, project: "/p" }, scope);
    expect(session.name).to.match(/^[a-z]+-[a-z]+$/);
  });

  it("does not take a name that is taken, and leaves nothing of the attempt", async () => {
    using runtime = runtimeDirectory();
    await using scope = new Disposers();
    await beginSession({ runtimeDirectory: runtime.path, name: "fern", project: "/p" }, scope);
    const second = new Disposers();
    const options = { runtimeDirectory: runtime.path, name: "fern", project: "/q" };
    expect(await codeOf(beginSession(options, second))).to.equal("SESSION_NAME_TAKEN");
    await second.close();
    expect(readdirSync(join(runtime.path, "sessions"))).to.deep.equal(["fern"]);
    expect(await findSession(runtime.path, "fern")).to.have.property("project", "/p");
  });

  it("gives one name to exactly one of many that want it at once", async () => {
    using runtime = runtimeDirectory();
    const keepers = Array.from({ length: 6 }, () => startKeeper(runtime.path, "wanted"));
    const outcomes = await Promise.all(keepers.map((keeper) =>
      Promise.race([keeper.said("began"), keeper.said("failed")]).catch(() => "ended")));
    await eventually("the losers have tidied up", () => readdirSync(join(runtime.path, "sessions")).length === 1);
    expect(outcomes.filter((outcome) => outcome.startsWith("{"))).to.have.length(1);
    await Promise.all(keepers.map((keeper) => keeper.kill()));
    await eventually("nothing is left", () => readdirSync(join(runtime.path, "sessions")).length === 0);
  });

  it("refuses a runtime directory in which its socket would have no room", async () => {
    using runtime = runtimeDirectory();
    const deep = join(runtime.path, "d".repeat(70));
    const scope = new Disposers();
    expect(await codeOf(beginSession({ runtimeDirectory: deep, name: "fern", project: "/p" }, scope))).to.equal("SESSION_PATH_LONG");
    await scope.close();
    expect(readdirSync(join(deep, "sessions"))).to.deep.equal([]);
  });

  it("leaves nothing, without any sweep, when it is killed at whatever moment of its beginning", async function () {
    this.timeout(30_000);
    using runtime = runtimeDirectory();
    const sessions = sessionsIn(runtime.path);
    const watcher = watch(sessions);
    for (let round = 0; round < 20; round++) {
      const keeper = startKeeper(runtime.path, `fern-${round}`);
      // the first thing that appears, or a moment after it
      await once(watcher, "change");
      await sleep(round % 5);
      await keeper.kill();
      await eventually("nothing is left", () => readdirSync(sessions).length === 0);
    }
    watcher.close();
  });

  it("takes at once the name of a session that was killed", async () => {
    using runtime = runtimeDirectory();
    const keeper = startKeeper(runtime.path, "fern");
    await keeper.said("began");
    await keeper.kill();
    await using scope = new Disposers();
    const session = await beginSession({ runtimeDirectory: runtime.path, name: "fern", project: "/p" }, scope);
    await sleep(300); // the old reaper must not take the new directory
    expect(existsSync(join(session.runDir, "record.json"))).to.equal(true);
  });
});

describe("The list of sessions", () => {
  it("never shows one that is over, whatever its number is used for now", async () => {
    using runtime = runtimeDirectory();
    const sessions = sessionsIn(runtime.path);
    await remains(sessions, "other-start");
    await remains(sessions, "other-boot", { owner: { ...self, bootId: "earlier" } });
    await remains(sessions, "elsewhere", { owner: { ...self, namespace: "pid:[1]" } });
    await remains(sessions, "renamed", { owner: self, name: "other" });
    await remains(sessions, "alive", { owner: self });
    expect((await listSessions(runtime.path)).map(({ name }) => name)).to.deep.equal(["alive"]);
    expect(await codeOf(findSession(runtime.path, "other-start"))).to.equal("SESSION_UNKNOWN");
    expect(await codeOf(findSession(runtime.path, "../sessions/alive"))).to.equal("SESSION_UNKNOWN");
  });

  it("is empty where nothing ever began", async () => {
    expect(await listSessions("/nowhere/at/all")).to.deep.equal([]);
  });

  it("does not count a killed process whose parent has not noticed", async () => {
    using runtime = runtimeDirectory();
    const keeper = startKeeper(runtime.path, "fern");
    await keeper.said("began");
    expect(await listSessions(runtime.path)).to.have.length(1);
    keeper.process.kill("SIGKILL");
    const until = process.hrtime.bigint() + 2_000_000_000n;
    // busy on purpose: the event loop, which would reap the child, does not turn
    while (identify(keeper.process.pid ?? 0) && process.hrtime.bigint() < until);
    expect(existsSync(`/proc/${keeper.process.pid}`)).to.equal(true);
    expect(identify(keeper.process.pid ?? 0)).to.equal(undefined);
    await keeper.kill();
  });
});

describe("A sweep", () => {
  it("removes what a crash left, and nothing else", async () => {
    using runtime = runtimeDirectory();
    const sessions = sessionsIn(runtime.path);
    await remains(sessions, "crashed");
    await remains(sessions, "cut-short");
    writeFileSync(join(sessions, "cut-short", "record.json"), '{"version":1,');
    mkdirSync(join(sessions, ".dead-half-removed"), { mode: 0o700 });
    await remains(sessions, stagingName(dead));
    const stay = [
      await remains(sessions, "alive", { owner: self }),
      await remains(sessions, "elsewhere", { owner: { ...self, namespace: "pid:[1]" } }),
      await remains(sessions, "newer", { version: 2 as 1 }),
      await remains(sessions, "open-to-others"),
      await remains(sessions, stagingName(self)),
      await remains(sessions, "NotAName"),
    ];
    chmodSync(join(sessions, "open-to-others"), 0o755);
    mkdirSync(join(sessions, "no-record"), { mode: 0o700 });
    expect([...(await sweep(sessions))].sort()).to.deep.equal(["crashed", "cut-short"]);
    expect(readdirSync(sessions).sort()).to.deep.equal([...stay.map((path) => path.slice(sessions.length + 1)), "no-record"].sort());
  });

  it("does not follow links out of the directory", async () => {
    using runtime = runtimeDirectory();
    const sessions = sessionsIn(runtime.path);
    const outside = await remains(runtime.path, "outside");
    const crashed = await remains(sessions, "crashed");
    symlinkSync(outside, join(sessions, "linked"));
    symlinkSync(outside, join(crashed, "inner"));
    await remains(sessions, "linked-record");
    rmSync(join(sessions, "linked-record", "record.json"));
    symlinkSync(join(outside, "record.json"), join(sessions, "linked-record", "record.json"));
    await sweep(sessions);
    expect(readdirSync(sessions).sort()).to.deep.equal(["linked", "linked-record"]);
    expect(readFileSync(join(outside, "socket"), "utf8")).to.equal("");
  });

  it("leaves a session to its reaper while that lives, and to the next when it died", async () => {
    using runtime = runtimeDirectory();
    const sessions = sessionsIn(runtime.path);
    const crashed = await remains(sessions, "crashed");
    symlinkSync(`${self.pid} ${self.startTicks} ${self.bootId} ${self.namespace}`, join(crashed, "remover-0"));
    expect(await sweep(sessions)).to.deep.equal([]);
    rmSync(join(crashed, "remover-0"));
    symlinkSync(`${dead.pid} ${dead.startTicks} ${dead.bootId} ${dead.namespace}`, join(crashed, "remover-0"));
    expect(await sweep(sessions)).to.deep.equal(["crashed"]);
  });

  it("run by many at once removes each session once", async () => {
    using runtime = runtimeDirectory();
    const sessions = sessionsIn(runtime.path);
    for (let index = 0; index < 20; index++) await remains(sessions, `crashed-${index}`);
    const swept = (await Promise.all(Array.from({ length: 8 }, () => sweep(sessions)))).flat();
    expect(swept).to.have.length(20);
    expect(readdirSync(sessions)).to.deep.equal([]);
  });
});
