import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { beginSession } from "../../../core/sessions/begin.ts";
import { serveControl } from "../../../core/sessions/control-server.ts";
import { Questions } from "../../../core/sessions/questions.ts";
import { Disposers } from "../../../core/support/disposers.ts";
import { newAuditFile } from "../../../plugins/egress/audit/folder.ts";
import { serveEgress } from "../../../plugins/egress/runtime/serving.ts";
import { localGuest } from "../../core/sessions/local-guest.ts";
import { ROOT } from "../../support/sources.ts";
import { start, type Ended } from "../../support/started.ts";
import { startEgress, type TestEgress } from "./support/egress.ts";
import { echoWitness, type Witness } from "./support/witness.ts";

const SOON_MS = 30_000; // a held connection waits for programs that start

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + SOON_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error("it did not happen in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function answerOf(socket: Socket): Promise<string> {
  try {
    socket.write("hello");
    return String((await once(socket, "data", { signal: AbortSignal.timeout(SOON_MS) }))[0]);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  } finally {
    socket.destroy();
  }
}

describe("The commands of egress, on a running session", function () {
  this.timeout(60_000);
  const scope = new Disposers();
  let home: string;
  let project: string;
  let witness: Witness;
  let egress: TestEgress;
  let cloche: (...args: string[]) => Promise<Ended>;

  before(async () => {
    home = realpathSync(mkdtempSync("/tmp/clt-"));
    project = join(home, "project");
    mkdirSync(project);
    await scope.defer("remove the home", () => rmSync(home, { recursive: true }));
    const env = { PATH: "/usr/bin:/bin", HOME: home, XDG_RUNTIME_DIR: home, XDG_STATE_HOME: join(home, "state"), XDG_CONFIG_HOME: join(home, "config") };
    witness = await echoWitness();
    await scope.defer("end the witness", async () => await witness.end());
    const targets = ["a.test:7", "b.test:7", "b.test:9", "c.test:80"].map((target) => ({ target, address: "127.0.0.1", port: witness.port }));
    const auditFile = newAuditFile(join(home, "state/cloche"), project, "fern");
    egress = await startEgress({ allow: ["a.test:7"], deny: ["never.test"], ask: true }, targets, [], { auditFile });
    await scope.defer("end egress", async () => await egress.end());
    const session = await beginSession({ runtimeDirectory: join(home, "cloche"), name: "fern", project }, scope);
    const questions = new Questions();
    serveEgress({ serve: questions.serve.bind(questions) }, egress.live, egress);
    await serveControl({ name: "fern", runDir: session.runDir, guest: localGuest().guest, project, environment: () => ({}), questions }, scope);
    await session.enter("running");
    cloche = async (...args) => await start([process.execPath, join(ROOT, "core/cli.ts"), ...args], { cwd: project, env, input: "" }).ended;
  });
  after(async () => await scope.close());

  const dial = async (name: string, port: number) => (await egress.inside.tcp(await egress.addressOf(name), port)).on("error", () => {});

  it("let through once what waits, by its number, after status has shown it", async () => {
    const held = answerOf(await dial("b.test", 7));
    await until(() => egress.asked.length === 1);
    const { stdout } = await cloche("egress", "status");
    expect(stdout).to.match(/^The guest of fern may reach only what the rules name\. You are asked about the rest\./);
    expect(stdout).to.match(/Waiting[^\n]+\n +1 +b\.test:7 +1 held/).and.match(/Allowed:\n +a\.test:7 +egress\.allow/).and.match(/Denied:\n +never\.test +egress\.deny/);
    expect(await cloche("egress", "allow", "1", "--once")).to.deep.include({ status: 0, stdout: "Allowed for the connections that wait: b.test:7.\n" });
    expect(await held).to.equal("hello");
    expect((await cloche("egress", "allow", "1", "--once")).stderr).to.match(/No connection waits for your answer about 1/);
  });

  it("allow rules for the session and always, which is a rule in the user's own file beside those he had", async () => {
    mkdirSync(join(home, "config/cloche"), { recursive: true, mode: 0o700 });
    const file = join(home, "config/cloche/config.json");
    writeFileSync(file, JSON.stringify({ egress: { allow: ["mine.test"] } }), { mode: 0o600 });
    expect((await cloche("egress", "allow", "b.test:9", "--always")).stdout).to.equal(`Allowed for this session: b.test:9.\nWritten to ${file} for the project ${project}.\n`);
    expect(await answerOf(await dial("b.test", 9))).to.equal("hello");
    const written = JSON.parse(readFileSync(file, "utf8")) as { projects: Record<string, unknown> };
    expect(written.projects[project]).to.deep.equal({ egress: { allow: ["mine.test", "b.test:9"] } });
    expect((await cloche("config", "get", "egress.allow")).stdout).to.include("b.test:9");
  });

  it("say so when what is allowed stays denied by the configuration", async () => {
    expect((await cloche("egress", "allow", "never.test")).stderr).to.equal("It is still refused: never.test: denied by egress.deny.\n");
  });

  it("deny what is open and what waits", async () => {
    const open = await dial("b.test", 9);
    open.write("1");
    await once(open, "data");
    const closed = new Promise((resolve) => open.once("close", resolve));
    expect((await cloche("egress", "deny", "b.test:9")).stdout).to.equal("Denied for this session: b.test:9.\n1 open connection was closed.\n");
    await closed;
    const held = answerOf(await dial("c.test", 80));
    await until(() => egress.asked.length === 2);
    expect((await cloche("egress", "deny", "2")).stdout).to.equal("Denied for this session: c.test:80.\n");
    expect(await held).to.equal("ECONNRESET");
  });

  it("open and close everything public", async () => {
    expect((await cloche("egress", "open", "--for", "10m")).stdout).to.equal("The guest may reach every public address for 10m.\n");
    const { mode, openUntil } = JSON.parse((await cloche("egress", "status", "--json")).stdout) as { mode: string; openUntil: string };
    expect(mode).to.equal("open");
    expect(Date.parse(openUntil) - Date.now()).to.be.within(540_000, 600_000);
    expect((await cloche("egress", "close")).stdout).to.match(/^The guest may reach what the rules name, and nothing else\./);
    expect(egress.live.data.mode).to.equal("allowlist");
  });

  it("show the log for people and programs, and go on with it", async () => {
    const shown = (await cloche("egress", "log")).stdout;
    expect(shown).to.match(/\d\d:\d\d:\d\d {2}allowed {2}b\.test:7 at 127\.0\.0\.1 {2}allowed by you, once, 5 B out, 5 B in/);
    expect(shown).to.match(/refused {2}c\.test:80 {2}denied by you, for this session/);
    const lines = (await cloche("egress", "log", "--json", "--session", "fern")).stdout.trim().split("\n");
    for (const line of lines) expect(JSON.parse(line)).to.include({ session: "test" });
    const env = { PATH: "/usr/bin:/bin", HOME: home, XDG_RUNTIME_DIR: home, XDG_STATE_HOME: join(home, "state") };
    const following = start([process.execPath, join(ROOT, "core/cli.ts"), "egress", "log", "-f"], { cwd: project, env, input: "" });
    await following.says(/c\.test/);
    await egress.inside.tcp("93.184.216.34", 80).then((socket) => socket.on("error", () => {}), () => {});
    await following.says(/refused {2}93\.184\.216\.34:80 {2}no rule names this address/);
    following.kill("SIGINT");
    expect((await following.ended).status).to.equal(130);
  });

  it("say what other rules would have done to it", async () => {
    const { stdout } = await cloche("egress", "replay", "--set", 'egress.allow=["93.184.216.34"]', "--set", "egress.deny=[\"b.test\"]");
    expect(stdout).to.match(/b\.test:7 +1× +was allowed +would be refused +denied by egress\.deny/).and.match(/93\.184\.216\.34:80 +1× +was refused +would be allowed +allowed by egress\.allow/);
  });

  it("are refused, as every start is, when a rule in the configuration is none: file and key are named", async () => {
    const folder = join(home, "other/cloche");
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const [section, key] of [[{ allow: ["good.test", "*.com"] }, "egress\\.allow\\.1"], [{ deny: ["10.0.0.0/8"] }, "egress\\.deny\\.0"], [{ allow: [{ host: "a.test", regex: "x" }] }, "egress\\.allow\\.0\\.regex"], [{ allow: "*" }, "egress\\.allow"], [{ mode: "opne" }, "egress\\.mode"]] as const) {
      writeFileSync(join(folder, "config.json"), JSON.stringify({ egress: section }), { mode: 0o600 });
      const env = { PATH: "/usr/bin:/bin", HOME: home, XDG_RUNTIME_DIR: home, XDG_CONFIG_HOME: join(home, "other") };
      const { status, stderr } = await start([process.execPath, join(ROOT, "core/cli.ts"), "exec", "true"], { cwd: project, env, input: "" }).ended;
      expect(status).to.equal(125);
      expect(stderr).to.match(new RegExp(`other/cloche/config\\.json: ${key}: `));
    }
  });

  for (const [args, why] of [
    [["allow", "*.com"], /"\*\.com", which "the command line" wants to allow, is not a rule/], [["allow"], /RULE\|NUMBER/], [["open", "--for", "soon"], /"soon" is no time/],
    [["allow", "99"], /No connection waits for your answer about 99/], [["allow", "x.test", "--once", "--always"], /contradict/], [["log", "--session", "nobody"], /no log of egress for the session nobody/],
  ] as const) {
    it(`refuse ${args.join(" ")}`, async () => {
      const { status, stderr, stdout } = await cloche("egress", ...args);
      expect(status).to.not.equal(0);
      expect(stderr + stdout).to.match(why);
    });
  }
});
