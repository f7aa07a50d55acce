import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { beginSession } from "../../../core/sessions/begin.ts";
import { serveControl } from "../../../core/sessions/control-server.ts";
import { HeldCommand } from "../../../core/sessions/held/held-command.ts";
import { Questions } from "../../../core/sessions/questions.ts";
import { Disposers } from "../../../core/support/disposers.ts";
import { Pty } from "../../support/pty.ts";
import { ROOT } from "../../support/sources.ts";
import { start } from "../../support/started.ts";
import { localGuest } from "../sessions/local-guest.ts";
import { eventually } from "../sessions/support.ts";

const SIZE = { columns: 100, rows: 30 };
const DETACH = "\x1c";

/** A detached session whose command is a process of this host, which repeats what it is sent. */
async function detached(script = "printf 'the screen\\r\\n'; exec cat", size: typeof SIZE | undefined = SIZE) {
  const home = realpathSync(mkdtempSync("/tmp/clt-"));
  const project = join(home, "project");
  mkdirSync(project);
  const env = { PATH: "/usr/bin:/bin", HOME: home, XDG_RUNTIME_DIR: home, TERM: "xterm-256color" };
  const scope = new Disposers();
  const session = await beginSession({ runtimeDirectory: join(home, "cloche"), name: "fern", project, detached: true }, scope);
  const local = localGuest();
  const channel = await local.guest.open({ argv: ["/bin/sh", "-c", script], user: "agent" });
  const held = await HeldCommand.hold({ name: "fern", isAgent: false }, channel, size);
  await serveControl({ name: "fern", runDir: session.runDir, guest: local.guest, project, environment: () => ({}), questions: new Questions(), held: () => held }, scope);
  await session.enter("running");
  const program = join(ROOT, "core/cli.ts");
  return {
    ...local, held, env, project,
    attach: (...args: string[]) => new Pty(process.execPath, [program, "attach", "-C", project, ...args], env),
    cloche: async (...args: string[]) => await start([process.execPath, program, "-C", project, ...args], { cwd: home, env, input: "" }).ended,
    async [Symbol.asyncDispose]() {
      channel.close();
      await scope.close();
      rmSync(home, { recursive: true });
    },
  };
}

describe("cloche attach", function () {
  this.timeout(30_000);

  it("shows the screen, types into the command, and leaves it by two keys with the terminal as it was", async () => {
    await using session = await detached();
    for (let visit = 1; visit <= 2; visit += 1) {
      await using terminal = session.attach();
      await terminal.shows("the screen");
      terminal.type(`word ${visit}.\r`);
      await terminal.shows(`word ${visit}.`);
      terminal.type(DETACH + DETACH);
      expect(await terminal.ended).to.deep.equal({ status: 0, restored: true });
      expect(terminal.screen).to.include('Detached; the session fern runs on. Come back with "cloche attach fern".');
    }
    expect(session.held.isVisited).to.equal(false);
  });

  it("passes on one such key, and others at once", async () => {
    await using session = await detached("printf ready; exec cat -v");
    await using terminal = session.attach("fern", "--detach-keys", "ctrl-p,q");
    await terminal.shows("ready");
    terminal.type("\x10\x10a\x1c");
    await terminal.shows("^P^Pa");
    await terminal.shows("^\\");
    terminal.type("\x10q");
    expect((await terminal.ended).status).to.equal(0);
  });

  it("refuses a second terminal, and takes over when told so, which the first is told", async () => {
    await using session = await detached();
    await using first = session.attach();
    await first.shows("the screen");
    await using refused = session.attach();
    expect((await refused.ended).status).to.equal(125);
    expect(refused.screen).to.include("Another terminal is attached").and.include("--take");
    await using second = session.attach("--take");
    await second.shows("the screen");
    expect(await first.ended).to.deep.equal({ status: 0, restored: true });
    expect(first.screen).to.include("Another terminal took the session fern over.");
    second.type("mine\r");
    await second.shows("mine");
  });

  it("leaves the command be when the terminal hangs up or the visitor is killed", async () => {
    await using session = await detached();
    for (const signal of [1, 9, 15]) {
      await using terminal = session.attach();
      await terminal.shows("the screen");
      terminal.signal(signal);
      await terminal.ended;
      await eventually("the place is free", () => !session.held.isVisited);
    }
    await using terminal = session.attach();
    await terminal.shows("the screen");
  });

  it("takes a terminal that is closed for no end of input", async () => {
    await using session = await detached("printf 'the screen'; cat; echo it ended");
    {
      await using terminal = session.attach();
      await terminal.shows("the screen");
    }
    await eventually("the place is free", () => !session.held.isVisited);
    await using again = session.attach();
    await again.shows("the screen");
    again.type("on\r");
    await again.shows("on");
    expect(again.screen).to.not.include("\x04").and.not.include("it ended");
  });

  it("ends with the command's status when the command does, and wants a terminal for a screen", async () => {
    await using session = await detached("printf ready; read -r line; exit 7");
    expect((await session.cloche("attach")).stderr).to.include("has a screen, and here is no terminal");
    await using terminal = session.attach();
    await terminal.shows("ready");
    const ended = terminal.ended;
    terminal.type("go\n");
    await session.held.ended;
    await terminal[Symbol.asyncDispose](); // this test's session has no process of its own that would end now
    await ended;
  });

  it("shows the end of what a command without a screen said", async () => {
    await using session = await detached("echo so far; exec sleep 100", undefined);
    await using terminal = session.attach();
    await terminal.shows("so far");
    terminal.signal(2);
    expect((await terminal.ended).status).to.equal(130);
    expect(session.held.isVisited).to.equal(false);
  });

  it("knows no keys that are none, no session of that name, and none where none runs", async () => {
    await using session = await detached();
    expect((await session.cloche("attach", "--detach-keys", "ctrl-ü")).stderr).to.include("are no keys to detach by");
    for (const name of ["x".repeat(300), "a/b", "../fern", "moss"]) {
      const ended = await session.cloche("attach", name);
      expect(ended.status).to.equal(125);
      expect(ended.stderr).to.include("is running").and.include("(SESSION_UNKNOWN)");
    }
    expect((await session.cloche("attach", "-C", "/")).stderr).to.include("No session of / is running");
  });
});
