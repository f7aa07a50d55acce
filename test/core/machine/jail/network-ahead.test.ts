import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { takeNetworkAhead } from "../../../../core/machine/jail/network-ahead.ts";
import { openNetwork } from "../../../../core/machine/jail/network.ts";
import { Disposers } from "../../../../core/support/disposers.ts";
import { isFailure } from "../../../../core/support/errors.ts";
import { hearLauncher } from "../../../../core/support/launcher.ts";
import { ROOT } from "../../../support/sources.ts";
import { isOpen, keeperAhead, pipes } from "./keepers.ts";

const signal = new AbortController().signal;
/** A module of the core, for a program's text. */
const source = (path: string) => JSON.stringify(join(ROOT, "core", path));

describe("Taking the network that was begun ahead", function () {
  this.timeout(30_000);
  let scope: Disposers;
  beforeEach(() => (scope = new Disposers()));
  afterEach(() => scope.close());

  /** Runs lines in a Node of its own with these descriptors from 20 on, which it does not make its own, and answers what it says. */
  const elsewhere = async (lines: string, given: readonly number[], env: Readonly<Record<string, string>>): Promise<string> => {
    const code = `import { takeNetworkAhead } from ${source("machine/jail/network-ahead.ts")};\nimport { hearLauncher } from ${source("support/launcher.ts")};\n${lines}`;
    const stdio = ["ignore", "pipe", "inherit", ...Array.from({ length: 17 }, () => "ignore" as const), ...given] as const;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: [...stdio], env: { ...env, PATH: "/usr/bin:/bin" }, timeout: 10_000, killSignal: "SIGKILL" });
    let said = "";
    child.stdout?.on("data", (piece: Buffer) => (said += String(piece)));
    await once(child, "close");
    return said;
  };

  it("takes the one that was made, and only once", async () => {
    const { told, pid, gone } = keeperAhead();
    hearLauncher({ CLOCHE_NETWORK_AHEAD: told });
    const keeper = takeNetworkAhead();
    expect(takeNetworkAhead()).to.equal(undefined);
    expect(String((await once(keeper!.output, "data"))[0])).to.match(/^\d+\n$/);
    expect(existsSync(`/proc/${pid}`)).to.equal(true);
    keeper?.input.destroy();
    keeper?.error.resume();
    await Promise.all([gone, keeper?.gone]);
    for (const fd of told.split(" ")) expect(isOpen(Number(fd)), "of what is left").to.equal(false);
  });

  it("hears of it before any other process of ours could", async () => {
    const env: NodeJS.ProcessEnv = { CLOCHE_NETWORK_AHEAD: "x", OTHER: "y" };
    hearLauncher(env);
    expect(env).to.deep.equal({ OTHER: "y" });
    const hook = `data:text/javascript,${encodeURIComponent('process.on("exit", () => console.log(JSON.stringify([process.env.CLOCHE_NETWORK_AHEAD, process.env.OTHER])))')}`;
    const { stdout } = spawnSync(process.execPath, ["--import", hook, join(ROOT, "core/cli.ts"), "--version"], { env: { CLOCHE_NETWORK_AHEAD: "x", OTHER: "y" }, encoding: "utf8" });
    expect(stdout).to.include('[null,"y"]');
  });

  const nonsense = ["", " ", "x", "0 1 2", "900 901 902", "-1 -2 -3", "3.5 4.5 5.5", "NaN NaN NaN", "1e9 1e9 1e9"];
  for (const value of nonsense) {
    it(`passes over what makes no sense: "${value}"`, async () => {
      hearLauncher({ CLOCHE_NETWORK_AHEAD: value });
      expect((await openNetwork([], { scope, signal })).namespace).to.match(/^net:/);
    });
  }

  it("passes over what are not three pipes, and leaves it as it is", () => {
    const file = openSync("/dev/null", "r");
    const [one, other] = pipes(2);
    const open = [one?.read, one?.write, other?.read, other?.write] as [number, number, number, number];
    try {
      const [a, b, c, d] = open;
      for (const told of [[a, b], [a, b, c, d], [a, b, file], [file, b, c], [b, a, a], [a, a, a]]) {
        hearLauncher({ CLOCHE_NETWORK_AHEAD: told.join(" ") });
        expect(takeNetworkAhead(), told.join(" ")).to.equal(undefined);
        expect(open.every(isOpen)).to.equal(true);
      }
    } finally {
      for (const fd of [file, ...open]) closeSync(fd);
    }
  });

  it("does not take what another process of ours would have too, and closes it", async () => {
    const { told, gone } = keeperAhead();
    const given = told.split(" ").map(Number);
    const lines = `
      import { existsSync } from "node:fs";
      hearLauncher(process.env);
      const taken = takeNetworkAhead();
      console.log(taken === undefined, [20, 21, 22].map((fd) => existsSync("/proc/self/fd/" + fd)).join());`;
    const said = elsewhere(lines, given, { CLOCHE_NETWORK_AHEAD: "20 21 22" });
    for (const fd of given) closeSync(fd);
    expect(await said).to.equal("true false,false,false\n");
    await gone;
  });

  it("says what the one that was made has failed with", async () => {
    hearLauncher({ CLOCHE_NETWORK_AHEAD: keeperAhead(["/bin/sh", "-c", "echo 'no such luck' >&2; exit 1"]).told });
    const error = await openNetwork(["192.0.2.0/24"], { scope, signal }).catch((reason: unknown) => reason);
    expect(isFailure(error, "NETWORK_FAILED") || isFailure(error, "NAMESPACES_REFUSED")).to.equal(true);
    expect(String(error)).to.include("no such luck");
  });

  it("names bwrap where that is missing", () => {
    const code = `import { openNetwork } from ${source("machine/jail/network.ts")};\nimport { Disposers } from ${source("support/disposers.ts")};
      await openNetwork([], { scope: new Disposers(), signal: new AbortController().signal }).catch((error) => console.log(error.code));`;
    const args = ["--dev-bind", "/", "/", "--bind", "/dev/null", "/usr/bin/bwrap", process.execPath, "--input-type=module", "-e", code];
    expect(spawnSync("/usr/bin/bwrap", args, { encoding: "utf8" }).stdout).to.equal("TOOL_MISSING\n");
  });
});
