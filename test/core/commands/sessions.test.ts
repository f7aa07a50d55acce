import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { beginSession, type BegunSession } from "../../../core/sessions/begin.ts";
import { serveControl } from "../../../core/sessions/control-server.ts";
import { Questions } from "../../../core/sessions/questions.ts";
import { Disposers } from "../../../core/support/disposers.ts";
import { localGuest } from "../sessions/local-guest.ts";
import { startKeeper } from "../sessions/support.ts";
import { ROOT } from "../../support/sources.ts";
import { start, type StartOptions } from "../../support/started.ts";

/** A running session whose guest is this host, and the real program beside it. */
async function running() {
  const home = realpathSync(mkdtempSync("/tmp/clt-"));
  const project = join(home, "pro ject");
  mkdirSync(join(project, "sub"), { recursive: true });
  const env = { PATH: "/usr/bin:/bin", HOME: home, XDG_RUNTIME_DIR: home };
  const scope = new Disposers();
  const session: BegunSession = await beginSession({ runtimeDirectory: join(home, "cloche"), name: "fern", project }, scope);
  const local = localGuest();
  await serveControl({ name: "fern", runDir: session.runDir, guest: local.guest, project, environment: () => ({}), questions: new Questions() }, scope);
  return {
    ...local, home, project, session, env,
    cloche: async (args: readonly string[], options: StartOptions = {}) =>
      await start([process.execPath, join(ROOT, "core/cli.ts"), ...args], { cwd: home, env, input: "", ...options }).ended,
    async [Symbol.asyncDispose]() {
      await scope.close();
      rmSync(home, { recursive: true });
    },
  };
}

describe("cloche ls", function () {
  this.timeout(20_000);

  it("shows the running sessions to people and to programs", async () => {
    await using place = await running();
    await place.session.enter("running");
    const shown = await place.cloche(["ls"]);
    expect(shown).to.include({ status: 0, stderr: "" });
    expect(shown.stdout).to.match(/^NAME +STATE +SINCE +PID +PROJECT\nfern +running +\d+ s ago +\d+ +\/tmp\/clt-\w+\/pro ject\n$/);
    const [only] = JSON.parse((await place.cloche(["ls", "--json"])).stdout) as Record<string, unknown>[];
    expect(only).to.include({ name: "fern", project: place.project, pid: process.pid, state: "running" });
    expect(Date.parse(String(only?.["since"]))).to.be.closeTo(Date.now(), 60_000);
  });

  it("says so when there is none, and does not show one that was killed", async () => {
    const home = mkdtempSync("/tmp/clt-");
    const env = { PATH: "/usr/bin:/bin", HOME: home, XDG_RUNTIME_DIR: home };
    const ls = async (...more: string[]) => await start([process.execPath, join(ROOT, "core/cli.ts"), "ls", ...more], { cwd: home, env, input: "" }).ended;
    expect(await ls()).to.include({ status: 0, stdout: "No session is running.\n", stderr: "" });
    expect(readdirSync(home)).to.deep.equal([]);
    const keeper = startKeeper(join(home, "cloche"), "fern");
    await keeper.said("began");
    expect((await ls()).stdout).to.contain("fern");
    await keeper.kill();
    expect(await ls("--json")).to.include({ status: 0, stdout: "[]\n" });
    rmSync(home, { recursive: true });
  });
});

describe("cloche exec --session", function () {
  this.timeout(30_000);

  it("passes input, both outputs and the status through, in the directory where the user stands", async () => {
    await using place = await running();
    await place.session.enter("running");
    const argv = ["exec", "--session", "fern", "--", "sh", "-c", "cat; pwd; echo no >&2; exit 9"];
    const ended = await place.cloche(argv, { cwd: join(place.project, "sub"), input: "in\n" });
    expect(ended).to.deep.equal({ status: 9, stdout: `in\n${place.project}/sub\n`, stderr: "no\n" });
    await place.cloche(argv);
    expect(place.opened.map(({ cwd }) => cwd)).to.deep.equal([join(place.project, "sub"), place.project]);
  });

  it("takes none of the user's environment along but how the terminal is", async () => {
    await using place = await running();
    await place.session.enter("running");
    await place.cloche(["exec", "--session", "fern", "env"], { env: { ...place.env, API_KEY: "secret", LANGCHAIN_API_KEY: "secret" } });
    expect(place.opened[0]?.env).to.deep.equal({ LANG: "C.UTF-8" });
  });

  it("never starts a session: an unknown one is an error that names those there are", async () => {
    await using place = await running();
    await place.session.enter("running");
    const ended = await place.cloche(["exec", "--session", "fren", "--", "true"]);
    expect(ended.status).to.equal(125);
    expect(ended.stderr).to.contain('No session called "fren"').and.contain("fern");
    expect(place.opened).to.deep.equal([]);
  });

  it("says when the session is not ready yet, and refuses options that only a fresh one has", async () => {
    await using place = await running();
    expect((await place.cloche(["exec", "--session", "fern", "true"])).stderr).to.contain("is starting");
    const ended = await place.cloche(["exec", "--session", "fern", "--cpus", "2", "true"]);
    expect(ended.status).to.equal(2);
    expect(ended.stderr).to.contain("--cpus");
  });

  it("ends the command when it is itself interrupted", async () => {
    await using place = await running();
    await place.session.enter("running");
    const argv = [process.execPath, join(ROOT, "core/cli.ts"), "exec", "--session", "fern", "--", "sh", "-c", "echo up; exec sleep 60"];
    const client = start(argv, { cwd: place.home, env: place.env });
    await client.says(/up/);
    client.kill("SIGINT");
    expect((await client.ended).status).to.equal(130);
    expect(() => process.kill(place.pids[0] ?? 0, 0)).to.throw();
  });
});
