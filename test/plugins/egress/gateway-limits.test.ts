import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { expect } from "chai";
import { startEgress, type TestEgress } from "./support/egress.ts";

/** How a connection ends when we only listen. */
async function endOf(socket: Socket): Promise<string> {
  socket.resume();
  return await new Promise((resolve) => {
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once("end", () => resolve("end"));
  });
}

describe("The gateway's limits", () => {
  let egress: TestEgress;
  let outside: Server;
  const arrivals: Socket[] = [];

  before(async () => {
    outside = createServer((socket) => {
      socket.on("error", () => {});
      arrivals.push(socket);
    }).listen(0, "127.0.0.1");
    await once(outside, "listening");
    const { port } = outside.address() as AddressInfo;
    egress = await startEgress(["allowed.test", "allowed.test:7"], [{ target: "allowed.test:7", address: "127.0.0.1", port }]);
  });
  after(async () => {
    await egress.end();
    for (const socket of arrivals) socket.destroy();
    outside.close();
  });

  it("passes a reset on as a reset, either way", async () => {
    const address = await egress.addressOf("allowed.test");
    const pair = async (): Promise<{ inner: Socket; outer: Socket }> => {
      const before = arrivals.length;
      const inner = await egress.inside.tcp(address, 7);
      while (arrivals.length === before) await new Promise((resolve) => setImmediate(resolve));
      return { inner, outer: arrivals.at(-1) ?? expect.fail("nobody came") };
    };
    const first = await pair();
    const heard = endOf(first.inner);
    first.outer.resetAndDestroy();
    expect(await heard).to.equal("ECONNRESET");
    const second = await pair();
    const told = endOf(second.outer);
    second.inner.resetAndDestroy();
    expect(await told).to.equal("ECONNRESET");
  });

  it("holds back what the other side does not take", async () => {
    const inner = await egress.inside.tcp(await egress.addressOf("allowed.test"), 7);
    let taken = 0;
    const most = 64 * 1024 * 1024;
    const chunk = Buffer.alloc(65_536);
    for (let turn = 0; turn < 50 && taken < most; turn += 1) {
      for (; taken < most && inner.writableLength === 0; taken += chunk.length) inner.write(chunk);
      await new Promise((resolve) => setTimeout(resolve, 5)); // nobody outside reads, so there is no event to wait for
    }
    expect(taken).to.be.lessThan(most / 2); // the kernel's buffers of two connections, and ours
    inner.destroy();
  }).timeout(10_000);

  it("takes 2048 connections at once, and resets more", async () => {
    const address = await egress.addressOf("allowed.test");
    const waiting: Socket[] = [];
    for (let number = 0; number < 2048; number += 1) waiting.push((await egress.inside.tcp(address, 443)).on("error", () => {}));
    expect(waiting.every((socket) => !socket.destroyed)).to.equal(true);
    const more = await egress.inside.tcp(address, 443).catch((error: NodeJS.ErrnoException) => error.code);
    expect(typeof more === "object" ? await endOf(more) : more).to.equal("ECONNRESET");
    expect(egress.audit().at(-1)).to.include({ verdict: "refused", why: "too many connections at once" });
    for (const socket of waiting) socket.destroy();
  }).timeout(20_000);
});
