import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { connect, type Socket } from "node:net";
import { expect } from "chai";
import { openDoorway } from "../../../core/machine/doorway.ts";
import { openNetwork } from "../../../core/machine/jail/network.ts";
import { isFailure } from "../../../core/support/errors.ts";
import { Disposers } from "../../../core/support/disposers.ts";

const ANY = { signal: new AbortController().signal };

/** Runs a shell command inside the namespace and answers its output. */
function inside(enter: readonly string[], script: string): string {
  const [command = "", ...args] = [...enter, "bash", "-c", script];
  const { stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  return stdout + stderr;
}

describe("a doorway into the jail's network", () => {
  let scope: Disposers;
  beforeEach(() => (scope = new Disposers()));
  afterEach(() => scope.close());

  it("hands out a TCP listener that knows which address was dialled, and keeps the host's port closed", async () => {
    const network = await openNetwork(["198.18.0.0/15"], { scope, ...ANY });
    const [server] = await openDoorway(network, [{ protocol: "tcp", address: "0.0.0.0", port: 443 }], { scope, ...ANY });
    const accepted = once(server, "connection");
    const said = inside(network.enter, "exec 3<>/dev/tcp/198.18.7.9/443 && echo hello >&3");
    expect(said).to.equal("");
    const [socket] = (await accepted) as [Socket];
    expect(socket.localAddress).to.equal("198.18.7.9");
    expect(String((await once(socket, "data"))[0])).to.equal("hello\n");
    socket.destroy();

    const outside = connect(443, "127.0.0.1");
    const [error] = (await once(outside, "error")) as [NodeJS.ErrnoException];
    expect(error.code).to.equal("ECONNREFUSED");
  });

  it("hands out a datagram socket", async () => {
    const network = await openNetwork([], { scope, ...ANY });
    const [udp] = await openDoorway(network, [{ protocol: "udp", address: "127.0.0.1", port: 53 }], { scope, ...ANY });
    const heard = once(udp, "message");
    inside(network.enter, "echo question >/dev/udp/127.0.0.1/53");
    expect(String((await heard)[0])).to.equal("question\n");
  });

  it("leaves the other direction open when the guest has said all", async () => {
    const network = await openNetwork([], { scope, ...ANY });
    const [server] = await openDoorway(network, [{ protocol: "tcp", address: "127.0.0.1", port: 22 }], { scope, ...ANY });
    expect(server).to.have.property("allowHalfOpen", true);
  });

  it("names the door that cannot be opened, and closes the ones before it", async () => {
    const network = await openNetwork([], { scope, ...ANY });
    const door = { protocol: "tcp", address: "127.0.0.1", port: 80 } as const;
    const error = await openDoorway(network, [door, door], { scope, ...ANY }).catch((reason: unknown) => reason);
    expect(isFailure(error, "DOORWAY_FAILED")).to.equal(true);
    expect(String(error)).to.contain("tcp 127.0.0.1:80").and.contain("EADDRINUSE");
    await openDoorway(network, [door], { scope, ...ANY });
  });

  it("is a network with only the loopback interface, and the host's is untouched", async () => {
    const before = Object.keys(networkInterfaces());
    const network = await openNetwork(["198.18.0.0/15"], { scope, ...ANY });
    expect(inside(network.enter, "ls /proc/self/net/dev_snmp6; ip -o link | wc -l")).to.equal("lo\n1\n");
    expect(inside(network.enter, "ip route show table main")).to.equal("");
    expect(Object.keys(networkInterfaces())).to.deep.equal(before);
  });

  it("says why a network cannot be made", async () => {
    const error = await openNetwork(["not a range"], { scope, ...ANY }).catch((reason: unknown) => reason);
    expect(isFailure(error, "NETWORK_FAILED")).to.equal(true);
    expect(String(error)).to.contain("not a range");
  });
});
