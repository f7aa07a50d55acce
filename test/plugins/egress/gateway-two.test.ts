import { once } from "node:events";
import type { Socket } from "node:net";
import { expect } from "chai";
import { startEgress, type TestEgress } from "./support/egress.ts";
import { echoWitness, type Witness } from "./support/witness.ts";

/** What came back, or the code of the error. */
async function exchange(dialling: Promise<Socket>): Promise<string> {
  try {
    const socket = await dialling;
    socket.write("hello");
    const [chunk] = (await once(socket, "data", { signal: AbortSignal.timeout(5_000) })) as [Buffer];
    socket.destroy();
    return String(chunk);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
}

describe("Two sessions at once", () => {
  let witness: Witness;
  const sessions: TestEgress[] = [];
  before(async () => {
    witness = await echoWitness();
    for (const name of ["one.test", "two.test"]) sessions.push(await startEgress([`${name}:7`], [{ target: `${name}:7`, address: "127.0.0.1", port: witness.port }]));
  });
  after(async () => {
    for (const session of sessions) await session.end();
    await witness.end();
  });

  it("have a policy, names and sockets each of their own", async () => {
    const [one = expect.fail("none"), two = expect.fail("none")] = sessions;
    expect(await exchange(one.inside.tcp(await one.addressOf("one.test"), 7))).to.equal("hello");
    expect(await exchange(two.inside.tcp(await two.addressOf("two.test"), 7))).to.equal("hello");
    for (const [session, name] of [[one, "two.test"], [two, "one.test"]] as const) {
      expect(await session.addressOf(name).catch(({ message }: Error) => message)).to.equal(`no address for ${name}`);
    }
    await one.live.open();
    expect(two.live.data.mode).to.equal("allowlist");
    expect(await exchange(two.inside.tcp("93.184.216.34", 443))).to.equal("ECONNRESET");
    expect(witness.connections()).to.equal(2);
  });

  it("go on when the other ends", async () => {
    const [one = expect.fail("none"), two = expect.fail("none")] = sessions;
    await one.endGateway();
    expect(await exchange(one.inside.tcp("198.18.0.2", 7))).to.equal("ECONNREFUSED");
    expect(await exchange(two.inside.tcp("198.18.0.2", 7))).to.equal("hello");
  });
});
