import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, readlinkSync } from "node:fs";
import { expect } from "chai";
import { takeNetworkAhead } from "../../../../core/machine/jail/network-ahead.ts";
import { openNetwork, type HeldNetwork } from "../../../../core/machine/jail/network.ts";
import { systemTree } from "../../../../core/machine/jail/tree.ts";
import { Disposers } from "../../../../core/support/disposers.ts";
import { isFailure } from "../../../../core/support/errors.ts";
import { hearLauncher } from "../../../../core/support/launcher.ts";
import { eventually } from "../../sessions/support.ts";
import { keeperAhead } from "./keepers.ts";

const signal = new AbortController().signal;

function inside({ enter }: HeldNetwork, script: string): string {
  const [command = "", ...args] = [...enter, "/bin/sh", "-c", script];
  const { stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  return stdout + stderr;
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined; // it is gone, or nobody's business
  }
}

const ways: Readonly<Record<string, () => void>> = {
  "was begun ahead": () => hearLauncher({ CLOCHE_NETWORK_AHEAD: keeperAhead().told }),
  "is made when it is needed": () => {},
};
for (const [what, prepare] of Object.entries(ways)) {
  describe(`A network that ${what}`, () => {
    let scope: Disposers;
    beforeEach(() => {
      scope = new Disposers();
      prepare();
    });
    afterEach(() => scope.close());

    it("has the ranges local once it is there, and no others", async () => {
      const network = await openNetwork(["198.18.0.0/15", "192.0.2.7/32"], { scope, signal });
      const routes = inside(network, "ip -o route show table local type local; ip -o link").split("\n").map((line) => line.split(" ")[1]);
      expect(routes).to.include.members(["198.18.0.0/15", "192.0.2.7"]).and.not.include("192.0.2.8");
      expect(inside(network, "ip -o link | wc -l; ip route show table main")).to.equal("1\n");
    });

    it("is another than ours, of another user namespace, and its ports are open to all", async () => {
      const network = await openNetwork([], { scope, signal });
      expect(inside(network, "readlink /proc/self/ns/net; cat /proc/sys/net/ipv4/ip_unprivileged_port_start")).to.equal(`${network.namespace}\n0\n`);
      expect(network.namespace).to.not.equal(readlinkSync("/proc/self/ns/net"));
      expect(inside(network, "readlink /proc/self/ns/user")).to.not.include(readlinkSync("/proc/self/ns/user"));
    });

    it("shows whoever keeps it as much of the system as any jail shows", async () => {
      const { namespace } = await openNetwork([], { scope, signal });
      const pid = readdirSync("/proc").find((name) => /^\d+$/.test(name) && linkOf(`/proc/${name}/ns/net`) === namespace);
      const bwrap = /^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
      expect(readFileSync(`/proc/${bwrap}/cmdline`, "utf8")).to.include(`\0${systemTree("/").join("\0")}\0`);
    });

    it("names a range that is none, and nothing of it stays", async () => {
      const error = await openNetwork(["192.0.2.0/24", "not a range"], { scope, signal }).catch((reason: unknown) => reason);
      expect(isFailure(error, "NETWORK_FAILED")).to.equal(true);
      expect(String(error)).to.include("not a range");
      await scope.close();
    });

    it("ends with its scope, and the files that lead to it are closed", async () => {
      const { enter } = await openNetwork([], { scope, signal });
      const files = enter.flatMap((word) => /=(\/proc\/\d+\/fd\/\d+)$/.exec(word)?.[1] ?? []);
      const keeper = () => spawnSync("/bin/sh", ["-c", 'for p in /proc/[0-9]*; do [ "$(readlink "$p/ns/net" 2>&-)" = "$0" ] && echo "$p"; done', namespace], { encoding: "utf8" }).stdout;
      const namespace = readlinkSync(files[1] ?? "");
      expect([files.length, files.every((file) => existsSync(file))]).to.deep.equal([2, true]);
      expect(keeper()).to.not.equal("");
      await scope.close();
      await eventually("no process is in it", () => keeper() === "");
      expect(files.some((file) => existsSync(file) && readlinkSync(file) === namespace)).to.equal(false);
    });

    it("is not waited for longer than the user wants", async () => {
      const error = await openNetwork([], { scope, signal: AbortSignal.abort(new Error("enough")) }).catch((reason: unknown) => reason);
      expect(String(error)).to.equal("Error: enough");
    });

    it("is used once: the next is another one", async () => {
      const namespaces = [await openNetwork([], { scope, signal }), await openNetwork([], { scope, signal })].map(({ namespace }) => namespace);
      expect(new Set(namespaces).size).to.equal(2);
      expect(takeNetworkAhead()).to.equal(undefined);
    });
  });
}
