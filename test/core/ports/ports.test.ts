import { once } from "node:events";
import { connect, createServer, type AddressInfo } from "node:net";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import { expect } from "chai";
import { listeningPorts } from "../../../core/ports/guest-ports.ts";
import { OpenPorts } from "../../../core/ports/open-ports.ts";
import { portNumber } from "../../../core/ports/port-number.ts";

const SAID = `LISTEN 0      5          127.0.0.1:8000       0.0.0.0:*    users:(("python3",pid=301,fd=3))
LISTEN 0      511              [::1]:5173          [::]:*    users:(("node\x1b[2J \\" x",pid=12,fd=18),("node",pid=13,fd=18))
LISTEN 0      511          127.0.0.1:3000       0.0.0.0:*
LISTEN 0      511                  *:3000             *:*    users:(("node",pid=12,fd=18))
LISTEN 0      511          127.0.0.1%lo:99999       0.0.0.0:*
nonsense
`;

/** A server that stands for one in the guest, and the ports of a session whose guest it is. */
async function inGuest(answer: (text: string) => string) {
  const server = createServer({ allowHalfOpen: true }, (socket) => void text(socket).then((said) => socket.end(answer(said)), () => {}));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const dialled: number[] = [];
  const ports = new OpenPorts(async (wanted) => {
    dialled.push(wanted);
    const socket = connect({ port: wanted, host: "127.0.0.1", allowHalfOpen: true });
    await once(socket, "connect");
    return socket;
  });
  return { port, ports, dialled, [Symbol.dispose]() { ports.closeAll(); server.close(); } };
}

async function talk(port: number, host = "127.0.0.1", words = "hello"): Promise<string> {
  const socket = connect({ port, host, allowHalfOpen: true });
  socket.end(words);
  return await text(socket);
}

describe("The ports of the guest", () => {
  it("are read from what the guest says, whatever that is", async () => {
    const found = await listeningPorts({ run: async () => ({ stdout: SAID, stderr: "" }) });
    expect(found).to.deep.equal([
      { port: 3000, address: "*", program: "node" },
      { port: 5173, address: "::1", program: "node\x1b[2J \\\" x" },
      { port: 8000, address: "127.0.0.1", program: "python3" },
    ]);
  });

  it("are reached at 127.0.0.1 of the host once opened, and only while they are", async () => {
    using guest = await inGuest((said) => `you said ${said}`);
    const { at } = await guest.ports.open(guest.port, 0);
    expect(await talk(at)).to.equal("you said hello");
    expect(guest.ports.list()).to.deep.equal([{ port: guest.port, at }]);
    guest.ports.close(guest.port);
    expect(await talk(at).catch((error: NodeJS.ErrnoException) => error.code)).to.equal("ECONNREFUSED");
    expect(guest.dialled).to.deep.equal([guest.port]);
  });

  it("are open on no other address of the host", async () => {
    using guest = await inGuest(() => "reached");
    const { at } = await guest.ports.open(guest.port, 0);
    const others = Object.values(networkInterfaces()).flatMap((list) => list ?? []).map(({ address }) => address).filter((address) => address !== "127.0.0.1");
    for (const host of ["127.0.0.2", ...others]) {
      expect(await talk(at, host).catch(() => "refused"), host).to.equal("refused");
    }
    expect(await talk(at)).to.equal("reached");
  });

  it("carry many connections with much in both directions", async () => {
    using guest = await inGuest((said) => said);
    const { at } = await guest.ports.open(guest.port, 0);
    const long = "x".repeat(300_000);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => talk(at, "127.0.0.1", `${index}${long}`)));
    answers.forEach((answer, index) => expect(answer).to.equal(`${index}${long}`));
  });

  it("end at once when they are closed, connections and all", async () => {
    using guest = await inGuest(() => "");
    const { at } = await guest.ports.open(guest.port, 0);
    const socket = connect(at, "127.0.0.1");
    await once(socket, "connect");
    const closed = once(socket, "close").catch(() => {});
    socket.on("error", () => {});
    guest.ports.closeAll();
    await closed;
  });

  it("are refused where the host's port is taken, twice, and beyond what is sensible", async () => {
    using guest = await inGuest(() => "");
    const opening = async (port: number, at: number) => await guest.ports.open(port, at).then(() => "opened", (error: { code: string }) => error.code);
    expect(await opening(3000, guest.port)).to.equal("PORT_TAKEN");
    expect(await opening(3000, 0)).to.equal("opened");
    expect(await opening(3000, 0)).to.equal("PORT_OPEN_ALREADY");
    for (let port = 1; port < 32; port += 1) expect(await opening(port, 0)).to.equal("opened");
    expect(await opening(4000, 0)).to.equal("PORTS_MANY");
    expect(() => guest.ports.close(4000)).to.throw("The guest's port 4000 is not open");
  });

  it("reset a connection to a port where nothing answers", async () => {
    const ports = new OpenPorts(() => Promise.reject(new Error("nobody there")));
    const { at } = await ports.open(3000, 0);
    expect(await talk(at).catch((error: NodeJS.ErrnoException) => error.code)).to.equal("ECONNRESET");
    ports.closeAll();
  });

  it("have numbers, and nothing else", () => {
    expect([portNumber("1"), portNumber("65535"), portNumber("0", 0)]).to.deep.equal([1, 65535, 0]);
    for (const text of ["0", "65536", "-1", "1e3", " 80", "0x50", "80:80", ""]) expect(() => portNumber(text), text).to.throw("is no port");
  });
});
