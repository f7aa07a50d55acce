import { EventEmitter } from "node:events";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect } from "chai";
import { Ending } from "../../../core/cli/ending.ts";
import { Interrupted } from "../../../core/support/interrupted.ts";
import { Pty } from "../../support/pty.ts";

const CHILD = join(import.meta.dirname, "ask-child.ts");

describe("Asking the user", () => {
  for (const [typed, answer] of [
    ["y\r", "true"],
    ["YES\r", "true"],
    ["\r", "false"],
    ["yikes\r", "false"],
    ["\u0004", "false"],
    ["\u0003", "Interrupted: interrupted by SIGINT"],
  ] as const) {
    it(`takes ${JSON.stringify(typed)} for ${answer}`, async () => {
      await using pty = new Pty(process.execPath, [CHILD]);
      await pty.shows("go on? [y/N] ");
      expect(pty.screen).to.include("\\u{1b}[2J");
      pty.type(typed);
      await pty.shows(`the answer was ${answer}.`);
      expect((await pty.ended).restored).to.equal(true);
    });
  }

  it("is a no without asking where there is no terminal", () => {
    const { stdout, stderr } = spawnSync(process.execPath, [CHILD], { input: "y\n", encoding: "utf8" });
    expect({ stdout, stderr }).to.deep.equal({ stdout: "the answer was false.\n", stderr: "" });
  });
});

describe("The end of the process", () => {
  /** A process that only has ears. */
  function ears() {
    const source = Object.assign(new EventEmitter(), { stdout: new PassThrough(), stderr: new PassThrough() });
    const exits: number[] = [];
    const ending = new Ending();
    ending.listen(source as unknown as NodeJS.Process, (status) => exits.push(status));
    return { source, exits, ending };
  }

  it("is asked for by the first signal, and forced by the second", () => {
    const { source, exits, ending } = ears();
    source.emit("SIGTERM");
    expect(exits).to.deep.equal([]);
    expect(ending.signal.reason).to.be.instanceOf(Interrupted).and.include({ signal: "SIGTERM" });
    source.emit("SIGINT");
    expect(exits).to.deep.equal([130]);
    expect((ending.signal.reason as Interrupted).signal).to.equal("SIGTERM");
  });

  it("is not forced by one signal that is heard several times at once, and is by the same one later", async () => {
    const { source, exits } = ears();
    for (let time = 0; time < 3; time += 1) source.emit("SIGINT");
    expect(exits).to.deep.equal([]);
    await new Promise((resolve) => setTimeout(resolve, 600));
    source.emit("SIGINT");
    expect(exits).to.deep.equal([130]);
  });

  it("is brought on by an error that nobody caught, which is kept", () => {
    const { source, ending } = ears();
    const bug = new Error("bug");
    source.emit("unhandledRejection", bug);
    expect(ending.signal.reason).to.equal(bug);
    expect(ending.bugs).to.deep.equal([bug]);
  });

  it("is brought on by a reader that went away, and not by a lost terminal for messages", () => {
    const { source, ending } = ears();
    source.stderr.emit("error", Object.assign(new Error("gone"), { code: "EIO" }));
    expect(ending.signal.aborted).to.equal(false);
    source.stdout.emit("error", Object.assign(new Error("gone"), { code: "EPIPE" }));
    expect(ending.signal.reason).to.include({ name: "ReaderGone", exitStatus: 141 });
    expect(ending.loss).to.equal(ending.signal.reason);
  });
});
