import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { expect } from "chai";
import { Pump } from "../../../../../plugins/egress/gateway/connections/pump.ts";
import { splice, type Traffic } from "../../../../../plugins/egress/gateway/connections/splice.ts";

const MUCH = Buffer.alloc(8 * 1024 * 1024, "0123456789abcdef_"); // more than the kernel's buffers of two connections
const PIECE = Buffer.alloc(8_192);

/** Somebody in the guest and somebody outside, with what the gateway does between them. */
interface Passage {
  readonly inner: Socket;
  readonly guest: Socket;
  readonly outside: Socket;
  readonly outer: Socket;
  readonly ended: Promise<Traffic>;
}

/** Everything that comes, to its end. */
async function all(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => void chunks.push(chunk)).resume();
  await once(socket, "end");
  return Buffer.concat(chunks);
}

describe("Passing bytes between the guest and outside", () => {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  let sockets: Socket[] = [];
  before(async () => void (await once(server.listen(0, "127.0.0.1"), "listening")));
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    sockets = [];
  });
  after(() => void server.close());

  async function pair(pump?: Pump): Promise<readonly [dialling: Socket, accepted: Socket]> {
    const { port } = server.address() as AddressInfo;
    const arrival = once(server, "connection") as Promise<Socket[]>;
    const dialling = connect({ host: "127.0.0.1", port, allowHalfOpen: true, ...(pump ? { onread: pump.onread } : {}) });
    dialling.pause();
    await once(dialling, "connect");
    const [accepted = expect.fail("nobody came")] = await arrival;
    for (const socket of [dialling, accepted]) sockets.push(socket.on("error", () => {}));
    return [dialling, accepted];
  }

  async function passage(): Promise<Passage> {
    const pump = new Pump();
    const [inner, guest] = await pair();
    const [outside, outer] = await pair(pump);
    return { inner, guest, outside, outer, ended: splice(guest, outside, Buffer.alloc(0), pump) };
  }

  it("gives what it read of an upload back to the system as soon as that is passed on, and not before", async () => {
    const { inner, guest, outer, ended } = await passage();
    const read: Buffer[] = [];
    guest.prependListener("data", (chunk: Buffer) => void (chunk.length >= 16_384 && read.push(chunk)));
    inner.end(MUCH);
    while (!guest.isPaused()) await new Promise((resolve) => setImmediate(resolve)); // nobody reads outside yet
    expect(read.at(-1)?.length).to.be.above(0);
    expect((await all(outer)).equals(MUCH)).to.equal(true);
    expect(read.length).to.be.above(10);
    expect(read.map(({ length }) => length).filter(Boolean)).to.deep.equal([]);
    outer.end();
    inner.resume();
    expect(await ended).to.deep.equal({ sent: MUCH.length, received: 0 });
  });

  for (const [who, first, second, via] of [["the guest", "inner", "outer", "guest"], ["the host", "outer", "inner", "outside"]] as const) {
    it(`loses nothing of what is on its way when ${who} ended before`, async () => {
      const between = await passage();
      const [early, late, to] = [between[first], between[second], between[via]];
      early.end("done");
      expect(String(await all(late))).to.equal("done");
      early.pause();
      let sent = 0;
      // nobody reads, so at last some of it has to wait within the gateway, too little to stop it from reading on to the end
      for (; to.writableLength === 0; sent += PIECE.length) {
        late.write(PIECE);
        while (to.bytesWritten < sent + PIECE.length) await new Promise((resolve) => setImmediate(resolve));
      }
      late.end();
      await once(between[via === "guest" ? "outside" : "guest"], "end");
      expect((await all(early)).length).to.equal(sent);
      expect([...Object.values(await between.ended)].sort()).to.deep.equal([4, sent].sort());
    });
  }

  it("closes both sides once both have ended, and not while one has not", async () => {
    const { inner, guest, outside, outer, ended } = await passage();
    outer.end(".");
    expect(String(await all(inner))).to.equal(".");
    inner.write("more");
    expect(String((await once(outer.resume(), "data"))[0])).to.equal("more");
    expect([guest.destroyed, outside.destroyed]).to.deep.equal([false, false]);
    inner.end();
    await once(outer, "end");
    expect(await ended).to.deep.equal({ sent: 4, received: 1 });
    expect([guest.destroyed, outside.destroyed]).to.deep.equal([true, true]);
  });

  it("gives up on a side that is neither done nor moves, once the other is", async () => {
    const { guest, outer, inner, ended } = await passage();
    outer.end();
    await all(inner);
    expect(guest.timeout).to.be.above(0);
    guest.emit("timeout");
    expect(await ended).to.deep.equal({ sent: 0, received: 0 });
  });

  it("gives up on a host that takes nothing more, once the guest is gone", async () => {
    const { inner, guest, outside } = await passage();
    inner.write(MUCH);
    while (!guest.isPaused()) await new Promise((resolve) => setImmediate(resolve));
    guest.destroy();
    await once(guest, "close");
    expect(outside.destroyed).to.equal(false);
    expect(outside.timeout).to.be.above(0);
  });
});
