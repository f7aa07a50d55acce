import { once } from "node:events";
import type { Duplex } from "node:stream";
import { expect } from "chai";
import type { ServerChannel } from "ssh2";
import { enterGuest } from "../../../core/machine/guest-enter.ts";
import { makeKeyPair } from "../../../core/machine/host-keys.ts";
import { Disposers } from "../../../core/support/disposers.ts";
import { ClocheError } from "../../../core/support/errors.ts";
import { FakeMachine } from "../../support/fake-machine.ts";
import { dialFakeSshd, type Behaviour } from "../../support/fake-sshd.ts";

const OPTIONS = { hostname: "cloche-x", deadlineMs: 5000 };

/** Plays the guest's seed receiver; answers the values of the seed. */
async function receiveSeed(machine: FakeMachine): Promise<Map<string, string>> {
  const [question] = (await once(machine.guestSeedPort, "data")) as [Buffer];
  expect(String(question)).to.equal("ask\n");
  machine.guestSeedPort.write("waiting 2\n");
  const [message] = (await once(machine.guestSeedPort, "data")) as [Buffer];
  const lines = message.toString("latin1").trimEnd().split("\n").slice(1);
  machine.guestSeedPort.write("ready\n");
  return new Map(lines.map((line): [string, string] => {
    const [key = "", value = ""] = line.split(" ");
    return [key, Buffer.from(value, "base64").toString()];
  }));
}

async function boot(machine: FakeMachine, behave: Behaviour | undefined): Promise<Map<string, string>> {
  const seed = await receiveSeed(machine);
  machine.dial(await dialFakeSshd(seed.get("host-key") ?? "", seed.get("authorized-key") ?? "", behave));
  return seed;
}

const sayDone = (command: string, channel: ServerChannel): void => {
  const marker = /^echo (\S+:)\$\$;/.exec(command)?.[1] ?? "";
  channel.write(`noise of a start-up file\n${marker}77\ndone`);
  channel.exit(0);
  channel.end();
};

async function failure(work: Promise<unknown>): Promise<ClocheError> {
  const error = await work.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof ClocheError)) throw new Error(`not a failure: ${String(error)}`);
  return error;
}

describe("entering a guest", () => {
  it("seeds it, and speaks SSH with the keys of the seed over what it dials", async () => {
    await using scope = new Disposers();
    const machine = new FakeMachine();
    const booted = boot(machine, sayDone);
    const guest = await enterGuest(machine, OPTIONS, { scope, signal: new AbortController().signal });
    await guest.reached();
    expect(await guest.run(["whatever"])).to.deep.equal({ stdout: "done", stderr: "" });
    const seed = await booted;
    expect(seed.get("hostname")).to.equal("cloche-x");
    expect(seed.get("dial")).to.equal("10.0.2.2:22");
  });

  it("gives each session keys and an id of its own", async () => {
    const seeds = [];
    for (let i = 0; i < 2; i += 1) {
      await using scope = new Disposers();
      const machine = new FakeMachine();
      const booted = boot(machine, sayDone);
      await enterGuest(machine, OPTIONS, { scope, signal: new AbortController().signal });
      seeds.push(await booted);
    }
    for (const key of ["host-key", "authorized-key", "machine-id", "entropy"]) {
      expect(seeds[0]?.get(key)).to.be.a("string").and.not.equal(seeds[1]?.get(key));
    }
  });

  it("says that the machine ended, not that its seed port closed a moment earlier", async () => {
    await using scope = new Disposers();
    const machine = new FakeMachine();
    const entering = enterGuest(machine, OPTIONS, { scope, signal: new AbortController().signal });
    machine.guestSeedPort.destroy();
    setTimeout(() => machine.end({ reason: "failed", detail: "QEMU ended with SIGKILL" }), 50);
    const error = await failure(entering);
    expect(error.code).to.equal("GUEST_GONE");
    expect(error.message).to.include("QEMU ended with SIGKILL");
  });

  it("closes the connection with the scope", async () => {
    const scope = new Disposers();
    const machine = new FakeMachine();
    void boot(machine, sayDone);
    const guest = await enterGuest(machine, OPTIONS, { scope, signal: new AbortController().signal });
    await guest.reached();
    await scope.close();
    machine.end({ reason: "stopped", detail: "" });
    expect((await failure(guest.run(["true"]))).code).to.equal("GUEST_LOST");
  });

  it("does not wait for a machine that has ended, and shows its console", async () => {
    await using scope = new Disposers();
    const machine = new FakeMachine();
    machine.console = "Kernel panic";
    const entering = enterGuest(machine, OPTIONS, { scope, signal: new AbortController().signal });
    machine.end({ reason: "failed", detail: "QEMU ended with status 1" });
    const { code, message } = await failure(entering);
    expect(code).to.equal("GUEST_GONE");
    expect(message).to.contain("QEMU ended with status 1").and.to.contain("Kernel panic");
  });

  it("counts one deadline over seed and SSH", async () => {
    await using scope = new Disposers();
    const machine = new FakeMachine();
    void receiveSeed(machine);
    const entering = enterGuest(machine, { ...OPTIONS, deadlineMs: 300 }, { scope, signal: new AbortController().signal });
    expect((await failure(entering.then((guest) => guest.reached()))).code).to.equal("GUEST_SILENT");
  });

  it("does not take a server with a key that was not in the seed", async () => {
    await using scope = new Disposers();
    const machine = new FakeMachine();
    void receiveSeed(machine).then(async (seed) => {
      machine.dial(await dialFakeSshd(makeKeyPair().privateKey, seed.get("authorized-key") ?? "", sayDone));
    });
    const entering = enterGuest(machine, { ...OPTIONS, deadlineMs: 700 }, { scope, signal: new AbortController().signal });
    expect((await failure(entering.then((guest) => guest.reached()))).code).to.equal("GUEST_KEY_WRONG");
  });

  it("gives a command of ours up that the guest never starts, and takes what comes later for nothing", async () => {
    await using scope = new Disposers();
    const machine = new FakeMachine();
    void boot(machine, undefined);
    const guest = await enterGuest(machine, OPTIONS, { scope, signal: new AbortController().signal });
    expect((await failure(guest.run(["true"], { deadlineMs: 50 }))).code).to.equal("GUEST_COMMAND_LATE");
  });

  it("ends the connection with a guest that sends more than the channel's window", async () => {
    await using scope = new Disposers();
    const machine = new FakeMachine();
    void boot(machine, (_command, channel) => {
      (channel.outgoing as { window: number }).window = Number.MAX_SAFE_INTEGER;
      let left = 64;
      const flood = (): void => {
        if (left-- > 0 && channel.writable) channel.write(Buffer.alloc(1_000_000), () => setImmediate(flood));
      };
      flood();
    });
    const guest = await enterGuest(machine, OPTIONS, { scope, signal: new AbortController().signal });
    const channel = await guest.open({ argv: ["x"], user: "root" });
    channel.stderr.resume();
    await once(machine.dialled[0] as Duplex, "close"); // nobody reads; an honest server waits
    let received = 0;
    channel.stdout.on("data", (chunk: Buffer) => (received += chunk.length));
    const end = await channel.ended;
    expect(end).to.have.property("detail").that.contains("more than it may");
    expect(received).to.be.lessThan(20_000_000);
  });
});
