import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { expect } from "chai";
import { DialledConnections } from "../../../core/machine/dialled.ts";

const UNBOUND = new AbortController().signal;

describe("connections that the guest dials", () => {
  let server: Server;
  let end: (reason: Error) => void;
  let dialled: DialledConnections;
  let callers: Socket[];

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
    await once(server, "listening");
    dialled = new DialledConnections(server, new Promise<Error>((resolve) => (end = resolve)));
    callers = [];
  });
  afterEach(() => {
    for (const socket of callers) socket.destroy();
    server.close();
  });

  async function dial(): Promise<number> {
    const accepted = once(server, "connection");
    const caller = connect((server.address() as AddressInfo).port, "127.0.0.1");
    callers.push(caller);
    await Promise.all([once(caller, "connect"), accepted]);
    return (caller.address() as AddressInfo).port;
  }

  const portOf = (stream: unknown): number | undefined => (stream as Socket).remotePort;

  it("are taken once each, in the order in which they came", async () => {
    const ports = [await dial(), await dial()];
    expect(portOf(await dialled.take(1000, UNBOUND))).to.equal(ports[0]);
    expect(portOf(await dialled.take(1000, UNBOUND))).to.equal(ports[1]);
    const third = dialled.take(1000, UNBOUND);
    const port = await dial();
    expect(portOf(await third)).to.equal(port);
  });

  it("are over for us when they are over for the guest", async () => {
    await dial();
    const taken = (await dialled.take(1000, UNBOUND)) as Socket;
    taken.resume();
    callers[0]?.end();
    await once(taken, "close");
  });

  it("do not pile up: the oldest that nobody took is closed", async () => {
    const ports: number[] = [];
    for (let count = 0; count < 12; count += 1) ports.push(await dial());
    await once(callers[3] as Socket, "close");
    expect(portOf(await dialled.take(1000, UNBOUND))).to.equal(ports[4]);
  });

  it("are waited for until the deadline, and one that comes later is for the next", async () => {
    const late = await dialled.take(10, UNBOUND).catch((reason: unknown) => reason);
    expect(late).to.have.property("code", "GUEST_NOT_DIALLED");
    const port = await dial();
    expect(portOf(await dialled.take(1000, UNBOUND))).to.equal(port);
  });

  it("are no longer waited for when the machine is gone or the session ends", async () => {
    const controller = new AbortController();
    const given = dialled.take(1000, controller.signal).catch((reason: unknown) => reason);
    controller.abort(new Error("enough"));
    expect(await given).to.have.property("message", "enough");
    const lost = dialled.take(1000, UNBOUND).catch((reason: unknown) => reason);
    end(new Error("the machine is gone"));
    expect(await lost).to.have.property("message", "the machine is gone");
  });
});
