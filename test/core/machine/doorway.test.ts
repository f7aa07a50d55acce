import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { connect, type Socket } from "node:net";
import { dirname, join } from "node:path";
import { expect } from "chai";
import { keepDoorway, openDoorway } from "../../../core/machine/doorway.ts";
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

  it("has one helper for all that is opened meanwhile, which takes no connection itself and is gone after", async () => {
    const network = await openNetwork([], { scope, ...ANY });
    const file = join(mkdtempSync(join(tmpdir(), "cloche-test-")), "started");
    await scope.defer("remove the list", () => rmSync(dirname(file), { recursive: true }));
    const counted = { enter: ["sh", "-c", 'echo "$$" >>"$0" && exec "$@"', file, ...network.enter] };
    const helpers = () => readFileSync(file, "utf8").trim().split("\n");
    const specs = [80, 81, 82].map((port) => ({ protocol: "tcp", address: "127.0.0.1", port }) as const);
    await keepDoorway(counted, async () => {
      const doors = await Promise.all(specs.map(async (spec) => (await openDoorway(counted, [spec], { scope, ...ANY }))[0]));
      expect(helpers()).to.have.lengthOf(1);
      for (const [index, door] of doors.entries()) {
        for (let again = 0; again < 5; again += 1) {
          const accepted = once(door, "connection", { signal: AbortSignal.timeout(5_000) });
          inside(network.enter, `exec 3<>/dev/tcp/127.0.0.1/${80 + index}`);
          ((await accepted) as [Socket])[0].destroy();
        }
      }
    });
    const isThere = () => existsSync(`/proc/${helpers()[0]}`);
    for (let tries = 0; isThere() && tries < 100; tries += 1) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isThere()).to.equal(false);
  });

  it("opens further doors when one could not be opened", async () => {
    const network = await openNetwork([], { scope, ...ANY });
    const free = { protocol: "tcp", address: "127.0.0.1", port: 80 } as const;
    const taken = { ...free, port: 81 };
    await keepDoorway(network, async () => {
      await openDoorway(network, [taken], { scope, ...ANY });
      expect(isFailure(await openDoorway(network, [free, taken], { scope, ...ANY }).catch((reason: unknown) => reason), "DOORWAY_FAILED")).to.equal(true);
      await openDoorway(network, [free], { scope, ...ANY });
    });
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
