import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { factsOf } from "../../../core/sessions/process-identity.ts";
import { packageRoot } from "../../../core/support/package-root.ts";
import { eventually, runtimeDirectory, startKeeper } from "./support.ts";

interface Began { readonly name: string; readonly runDir: string; readonly pids: readonly number[] }

const lives = (pid: number) => factsOf(pid) !== undefined;

describe("The reaper", () => {
  it("ends the processes and removes the directory when we are killed outright", async () => {
    using runtime = runtimeDirectory();
    const keeper = startKeeper(runtime.path, "tended");
    const { runDir, pids } = JSON.parse(await keeper.said("began")) as Began;
    mkdirSync(join(runDir, "deep"));
    writeFileSync(join(runDir, "deep", "file"), "left behind");
    expect(pids.map(lives)).to.deep.equal([true, true]);
    await keeper.kill();
    await eventually("nothing remains", () => !existsSync(runDir) && !pids.some(lives));
    await eventually("the directory of sessions is empty", () => readdirSync(join(runtime.path, "sessions")).length === 0);
  });

  for (const [when, kind] of [["earlier", "orphan"], ["before it was watched", "late"]] as const) {
    it(`ends what is left of a process group whose leader ended ${when}`, async () => {
      using runtime = runtimeDirectory();
      const keeper = startKeeper(runtime.path, "tended", kind);
      const { pids: [leader = 0, member = 0] } = JSON.parse(await keeper.said("began")) as Began;
      await eventually("the leader has ended", () => !lives(leader));
      expect(lives(member)).to.equal(true);
      await keeper.kill();
      await eventually("its group has ended too", () => !lives(member));
    });
  }

  it("goes when all is tidy, and touches nothing", async () => {
    using runtime = runtimeDirectory();
    const keeper = startKeeper(runtime.path, "tended");
    const { runDir, pids } = JSON.parse(await keeper.said("began")) as Began;
    const reaper = reaperOf(runtime.path);
    expect(reaper).to.be.a("number");
    keeper.process.stdin?.write("\n");
    await keeper.said("ended");
    expect(existsSync(runDir)).to.equal(false);
    expect(lives(reaper ?? 0)).to.equal(false);
    await eventually("the processes have ended", () => !pids.some(lives));
  });

  it("is in a terminal session of its own and is not ended by the signals of a terminal", async () => {
    using runtime = runtimeDirectory();
    const keeper = startKeeper(runtime.path, "tended");
    const { runDir } = JSON.parse(await keeper.said("began")) as Began;
    const reaper = reaperOf(runtime.path) ?? 0;
    expect(factsOf(reaper)?.session).to.equal(reaper);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) process.kill(reaper, signal);
    await keeper.kill();
    await eventually("the directory is gone all the same", () => !existsSync(runDir));
  });

  it("leaves a process alone that has the number of one it watched, and a directory that has the name", async () => {
    using runtime = runtimeDirectory();
    const sessions = join(runtime.path, "sessions");
    mkdirSync(join(sessions, "other"), { recursive: true, mode: 0o700 });
    await using reaper = rawReaper(sessions);
    const bystander = startKeeper(runtime.path, "bystander");
    const { pids } = JSON.parse(await bystander.said("began")) as Began;
    for (const pid of pids) reaper.say(`watch ${pid} 1 ${pid}`);
    reaper.say("claim .new-x.0 other 1 2 boot pid:[3]");
    await reaper.end();
    expect(pids.map(lives)).to.deep.equal([true, true]);
    expect(existsSync(join(sessions, "other"))).to.equal(true);
    await bystander.kill();
  });
});

function reaperOf(runtime: string): number | undefined {
  const [name = ""] = readdirSync(join(runtime, "sessions"));
  return Number(readlinkSync(join(runtime, "sessions", name, "remover-0")).split(" ")[0]);
}

function rawReaper(sessions: string) {
  const child = spawn("/bin/sh", [join(packageRoot(), "host/reaper.sh"), sessions], { stdio: ["pipe", "pipe", "inherit"] });
  return {
    say: (line: string) => child.stdin.write(`${line}\n`),
    async end() {
      const gone = once(child, "exit");
      child.stdin.end();
      await gone;
    },
    [Symbol.asyncDispose]: async () => { child.kill("SIGKILL"); },
  };
}
