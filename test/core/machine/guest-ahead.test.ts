import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect } from "chai";
import { GuestAhead } from "../../../core/machine/guest-ahead.ts";
import type { SshConnection } from "../../../core/machine/ssh.ts";
import { ClocheError } from "../../../core/support/errors.ts";
import { FakeMachine } from "../../support/fake-machine.ts";

/** A guest whose SSH is not there; the test plays its seed receiver, line by line. */
function guestAhead(done = new Map<string, string>()) {
  const machine = new FakeMachine();
  const connecting = Promise.withResolvers<SshConnection>();
  const guest = new GuestAhead(machine, connecting.promise, done);
  const lines = createInterface({ input: machine.guestSeedPort })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await lines.next()).value as string;
  const say = (line: string): void => void machine.guestSeedPort.write(`${line}\n`);
  /** Takes a request: its number, its command line and what it reads. */
  const request = async (word: "run" | "start") => {
    const [said, id = ""] = (await next()).split(" ");
    expect(said).to.equal(word);
    const [line = "", input = ""] = [await next(), await next()].map((text) => Buffer.from(text, "base64").toString());
    return { id, line, input };
  };
  return { machine, guest, connecting, next, say, request };
}

const base64 = (text: string): string => Buffer.from(text).toString("base64");

async function failure(work: Promise<unknown>): Promise<ClocheError> {
  const error = await work.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof ClocheError)) throw new Error(`not a failure: ${String(error)}`);
  return error;
}

describe("the guest before SSH is there", () => {
  it("takes commands of ours by way of the seed port, side by side", async () => {
    const { guest, say, request } = guestAhead();
    const first = guest.run(["cat", "it's"], { input: "one" });
    const second = guest.run(["false"]);
    const [cat, no] = [await request("run"), await request("run")];
    expect(cat).to.include({ line: `cd / && exec 'cat' 'it'\\''s'`, input: "one" });
    say(`end ${no.id} exit 3`);
    say(`out ${cat.id} ${base64("o")}`);
    say(`err ${cat.id} ${base64("warned")}`);
    say(`out ${cat.id} ${base64("ne")}`);
    say(`end ${cat.id} exit 0`);
    say(`out ${cat.id} ${base64("and on")}`);
    expect(await first).to.deep.equal({ stdout: "one", stderr: "warned" });
    const error = await failure(second);
    expect(error.code).to.equal("GUEST_COMMAND_FAILED");
    expect(error.message).to.contain("status 3");
  });

  it("writes files by it, as root or in the agent's home", async () => {
    const { guest, say, request } = guestAhead();
    const writing = guest.writeFile("/home/agent/x", "text");
    const { id, line, input } = await request("run");
    expect(line).to.match(/^set -- 'agent' .*enter$/);
    expect(input).to.equal("text");
    say(`end ${id} exit 0`);
    await writing;
  });

  it("does nothing again that was done last under its name, in a machine that goes on too", async () => {
    const done = new Map<string, string>();
    const answering = async (work: Promise<unknown>, { request, say }: ReturnType<typeof guestAhead>): Promise<void> => {
      say(`end ${(await request("run")).id} exit 0`);
      await work;
    };
    const first = guestAhead(done);
    const files = (content: string) => [{ path: "/x", content }];
    await answering(first.guest.writeFiles(files("a"), { as: "files" }), first);
    await answering(first.guest.run(["trust"], { input: "one", as: "trust" }), first);
    const second = guestAhead(new Map(done));
    await second.guest.writeFiles(files("a"), { as: "files" });
    expect(await second.guest.run(["trust"], { input: "one", as: "trust" })).to.deep.equal({ stdout: "", stderr: "" });
    await answering(second.guest.run(["trust"], { input: "two", as: "trust" }), second);
    await answering(second.guest.run(["other"], { input: "two", as: "trust" }), second);
    await answering(second.guest.writeFiles(files("a")), second);
    await answering(second.guest.writeFiles(files("b"), { as: "files" }), second);
    await answering(second.guest.writeFiles(files("a"), { as: "files" }), second);
  });

  it("does again what failed, and what was done before that, of which it may have undone a part", async () => {
    const { guest, say, request } = guestAhead();
    for (const [argv, status] of [[["one"], 0], [["two"], 1], [["one"], 0]] as const) {
      const running = guest.run(argv, { as: "trust" }).then(() => 0, () => 1);
      say(`end ${(await request("run")).id} exit ${status}`);
      expect(await running).to.equal(status);
    }
  });

  it("talks to one that stays, a piece at a time", async () => {
    const { guest, say, next, request } = guestAhead();
    const channel = await guest.start(["keep"]);
    const { id } = await request("start");
    const big = "x".repeat(20_000);
    channel.stdin.write(big);
    channel.stdin.end("end\n");
    const first = (await next()).split(" ");
    expect(first.slice(0, 2)).to.deep.equal(["in", id]);
    say(`took ${id}`);
    const second = (await next()).split(" ");
    expect(Buffer.from(`${first[2]}`, "base64").toString() + Buffer.from(`${second[2]}`, "base64").toString()).to.equal(big);
    say(`took ${id}`);
    expect(await next()).to.equal(`in ${id} ${base64("end\n")}`);
    say(`took ${id}`);
    expect(await next()).to.equal(`eof ${id}`);
    say(`out ${id} ${base64("free\n")}`);
    say(`end ${id} signal 15`);
    const [said] = (await once(channel.stdout, "data")) as [Buffer];
    expect(said.toString()).to.equal("free\n");
    expect(await channel.ended).to.deep.equal({ kind: "signal", signal: "TERM" });
  });

  it("kills one that is late, and does not mind what is told of it afterwards", async () => {
    const { guest, say, next, request } = guestAhead();
    const running = guest.run(["sleep"], { deadlineMs: 50 });
    const { id } = await request("run");
    expect((await failure(running)).code).to.equal("GUEST_COMMAND_LATE");
    expect(await next()).to.equal(`kill ${id}`);
    say(`out ${id} ${base64("late")}`);
    say(`end ${id} exit 0`);
    const other = guest.run(["true"]);
    say(`end ${(await request("run")).id} exit 0`);
    expect(await other).to.deep.equal({ stdout: "", stderr: "" });
  });

  it("does not mind commands of another host, which a machine that goes on may still have", async () => {
    const { machine, guest, say, request } = guestAhead();
    say(`out 999999999 ${base64("old")}`);
    say("end 999999999 signal 9");
    const running = guest.run(["true"]);
    say(`end ${(await request("run")).id} exit 0`);
    await running;
    expect(machine.killed).to.deep.equal([]);
  });

  it("kills one that says more than anybody reads", async () => {
    const { guest, say, next, request } = guestAhead();
    const channel = await guest.start(["yes"]);
    const { id } = await request("start");
    const line = `out ${id} ${base64("y".repeat(700))}`;
    for (let said = 0; said < 4.5 * 1024 * 1024; said += 700) say(line);
    expect(await next()).to.equal(`kill ${id}`);
    channel.stdout.resume();
    channel.stderr.resume();
    expect(await channel.ended).to.deep.equal({ kind: "signal", signal: "KILL" });
  });

  it("says what became of the guest when the port breaks", async () => {
    const { machine, guest, request } = guestAhead();
    const running = guest.run(["true"]);
    await request("run");
    machine.guestSeedPort.destroy();
    machine.end({ reason: "failed", detail: "QEMU ended with SIGKILL" });
    const error = await failure(running);
    expect(error.code).to.equal("GUEST_LOST");
    expect(error.message).to.contain("QEMU ended with SIGKILL");
    expect((await failure(guest.run(["true"]))).code).to.equal("GUEST_LOST");
  });

  for (const said of ["out", "end 5 exit", "end x exit 1", "took", "out 5 ???", "end 5 left 1"]) {
    it(`takes "${said}" for nonsense`, async () => {
      const { machine, guest, say, request } = guestAhead();
      machine.end({ reason: "stopped", detail: "" });
      const running = guest.run(["true"]);
      await request("run");
      say(said);
      expect((await failure(running)).code).to.equal("GUEST_LOST");
    });
  }

  it("runs nothing any more when SSH cannot be had", async () => {
    const { guest, connecting } = guestAhead();
    connecting.reject(new Error("no key fits"));
    await connecting.promise.catch(() => {});
    for (const work of [guest.reached(), guest.run(["true"]), guest.start(["true"]), guest.open({ argv: ["true"], user: "root" }), guest.connect(80)]) {
      expect(await work.then(() => "done", (error: Error) => error.message)).to.equal("no key fits");
    }
  });

  it("refuses a command that cannot reach the guest whole", async () => {
    const { guest } = guestAhead();
    expect((await failure(guest.run(["echo", "x".repeat(200_000)]))).code).to.equal("GUEST_COMMAND_IMPOSSIBLE");
  });
});
