import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { packageRoot } from "../../core/support/package-root.ts";
import { Pty } from "../support/pty.ts";

const KEEP_GOING = join(packageRoot(), "guest/keep-going");
const LOOP = "while :; do sleep 0.05; done";

function run(script: string): Pty {
  return new Pty("perl", [KEEP_GOING, "bash", "-c", script]);
}

describe("the parent of a command that has the terminal", function () {
  this.timeout(20_000);

  it("continues a command that stops itself, alone or with its group, by any signal that stops", async () => {
    await using pty = run("for stop in '-STOP $$' '-STOP 0' '-TSTP 0' '-TTIN 0'; do eval kill $stop; echo went on; done; exit 5");
    expect(await pty.ended).to.deep.equal({ status: 5, restored: true });
    expect(pty.screen.match(/went on/g)).to.have.lengthOf(4);
  });

  it("is what it is for: without it the same command stops for good", async () => {
    await using pty = new Pty("bash", ["-c", "kill -STOP $$; echo went on"]);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(pty.screen).to.equal("");
  });

  it("leaves the keys of the terminal to the command", async () => {
    await using pty = run(`trap 'echo int; exit 3' INT; echo up; ${LOOP}`);
    await pty.shows("up");
    pty.type("\x1a"); // stopped by the terminal, and continued
    pty.type("\x03");
    await pty.shows("int");
    expect((await pty.ended).status).to.equal(3);
  });

  it("passes signals on and ends as the command ends", async () => {
    await using pty = run(`trap 'echo bye; trap - TERM; kill -TERM $$' TERM; echo up; ${LOOP}`);
    await pty.shows("up");
    pty.signal(constants.signals.SIGTERM);
    expect((await pty.ended).status).to.equal(-constants.signals.SIGTERM);
    expect(pty.screen).to.contain("bye");
  });

  it("does not leave the command behind when it is killed", async () => {
    await using pty = run(`trap '' HUP; echo up $$; ${LOOP}`);
    await pty.shows("up");
    await pty.shows("\n");
    const status = `/proc/${/up (\d+)/.exec(pty.screen)?.[1]}/status`;
    expect(readFileSync(status, "utf8")).to.match(/^State:\s[RS]/m);
    pty.signal(constants.signals.SIGKILL);
    await pty.ended;
    await new Promise((resolve) => setTimeout(resolve, 300));
    // a zombie of a lazy init has ended too
    if (existsSync(status)) expect(readFileSync(status, "utf8")).to.match(/^State:\s[ZX]/m);
  });

  it("says it as a shell would when there is no such command", async () => {
    await using pty = new Pty("perl", [KEEP_GOING, "/nonexistent"]);
    expect((await pty.ended).status).to.equal(127);
    expect(pty.screen).to.contain("/nonexistent");
  });
});
