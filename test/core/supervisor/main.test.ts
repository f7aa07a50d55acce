import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { ROOT } from "../../support/sources.ts";
import type { FromSupervisor } from "../../../core/supervisor/messages.ts";

const TERMINAL = { isTerminal: false, size: { columns: 80, rows: 24 }, env: {} };

describe("The process of a detached session", function () {
  this.timeout(60_000);
  let home: string;
  let child: ChildProcess;

  beforeEach(() => {
    home = realpathSync(mkdtempSync("/tmp/clt-"));
    mkdirSync(join(home, "project"));
    child = fork(join(ROOT, "core/supervisor/main.ts"), [], {
      cwd: join(home, "project"), detached: true, env: { PATH: process.env["PATH"] ?? "", HOME: home, XDG_RUNTIME_DIR: home }, stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
  });
  afterEach(() => {
    child.kill("SIGKILL");
    rmSync(home, { recursive: true, force: true });
  });

  const exited = async (): Promise<unknown> => (await once(child, "exit"))[0];
  const start = (...argv: string[]): void => void child.send({ kind: "start", argv, terminal: TERMINAL });

  it("ends and leaves nothing when whoever started it goes before saying what to keep", async () => {
    child.disconnect();
    expect(await exited()).to.equal(0);
    expect(readdirSync(home, { recursive: true }).filter((path) => !String(path).includes("cache"))).to.deep.equal(["project"]);
  });

  it("tells what went wrong with what is behind it, and then ends", async () => {
    const failures: FromSupervisor[] = [];
    child.on("message", (told: FromSupervisor) => { if (told.kind === "failed") failures.push(told); });
    start("resume", "fern", "--detach");
    expect(await exited()).to.equal(125);
    expect(failures).to.have.lengthOf(1);
    expect(failures[0]).to.have.nested.property("failure.code", "SAVED_UNKNOWN");
    expect(failures[0]).to.have.deep.nested.property("failure.causes", []);
  });

  it("is interrupted while it still loads, and no session has begun", async () => {
    const told: FromSupervisor[] = [];
    child.on("message", (message: FromSupervisor) => void told.push(message));
    start("shell", "--detach", "--name", "fern");
    child.send({ kind: "interrupt" });
    expect(await exited()).to.not.equal(0);
    expect(told.filter(({ kind }) => kind === "ready")).to.deep.equal([]);
    expect(told.filter(({ kind }) => kind === "failed")).to.have.lengthOf(1);
    expect(readdirSync(home, { recursive: true }).filter((path) => /^cloche\/sessions\/./.test(String(path)))).to.deep.equal([]);
  });
});
