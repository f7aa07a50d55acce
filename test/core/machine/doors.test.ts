import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import { expect } from "chai";
import { openDoors } from "../../../core/machine/doors.ts";
import { openNetwork } from "../../../core/machine/jail/network.ts";
import { Disposers } from "../../../core/support/disposers.ts";

const signal = new AbortController().signal;

describe("What stands in a jail's network", () => {
  let scope: Disposers;
  beforeEach(() => (scope = new Disposers()));
  afterEach(() => scope.close());

  const settled = async (promise: Promise<unknown>): Promise<string> =>
    await Promise.race([promise.then(() => "there", (error: unknown) => String(error)), new Promise<string>((resolve) => setTimeout(resolve, 100, "pending"))]);

  it("has our listener for SSH, though a plugin takes longer", async () => {
    const network = await openNetwork([], { scope, signal });
    const plugin = Promise.withResolvers<void>();
    const { ssh, ready } = openDoors(network, [() => plugin.promise], { scope, signal });
    const accepted = once(await ssh, "connection");
    const [command = "", ...args] = [...network.enter, "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/22"];
    spawn(command, args, { stdio: "ignore" });
    const [socket] = (await accepted) as [Socket];
    socket.destroy(); // it stays half open else
    expect(await settled(ready)).to.equal("pending");
    plugin.resolve();
    expect(await settled(ready)).to.equal("there");
  });

  it("is ready when the plugins' steps are done, one after the other", async () => {
    const network = await openNetwork([], { scope, signal });
    const done: string[] = [];
    const step = (name: string, ms: number) => async () => { await new Promise((resolve) => setTimeout(resolve, ms)); done.push(name); };
    await openDoors(network, [step("slow", 30), step("quick", 0)], { scope, signal }).ready;
    expect(done).to.deep.equal(["slow", "quick"]);
  });

  it("is not ready when a plugin's step fails, which nobody else need hear", async () => {
    const network = await openNetwork([], { scope, signal });
    const { ready } = openDoors(network, [async () => { throw new Error("no gateway"); }], { scope, signal });
    await new Promise((resolve) => setTimeout(resolve, 50)); // an unheard rejection would end the test
    expect(await settled(ready)).to.equal("Error: no gateway");
  });

  it("fails altogether when our listener cannot be opened", async () => {
    const { ssh, ready } = openDoors({ enter: ["/bin/false"] }, [], { scope, signal });
    await ready.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 20)); // nor is the other heard by all
    expect(await settled(ssh)).to.match(/tcp 127.0.0.1:22/);
    expect(await settled(ready)).to.equal(await settled(ssh));
  });

  it("fails altogether when nothing can be begun there", async () => {
    const network = { get enter(): readonly string[] { throw new Error("perl is missing"); } };
    const { ssh, ready } = openDoors(network, [], { scope, signal });
    expect([await settled(ssh), await settled(ready)]).to.deep.equal(["Error: perl is missing", "Error: perl is missing"]);
  });
});
