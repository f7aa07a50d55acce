import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { architecture } from "../../core/machine/architecture.ts";
import { hostContainment } from "../../core/machine/containment.ts";
import { boardArguments, CHANNELS, sessionArguments, sharePath } from "../../core/machine/qemu-arguments.ts";
import { startQemu, type Qemu } from "../../core/machine/qemu.ts";
import { isFailure } from "../../core/support/errors.ts";
import { readOr } from "../support/proc.ts";
import { Arena } from "./attacker.ts";

const { program } = architecture();
const BARE = [program, "-nodefaults", "-no-user-config", "-display", "none", "-S", "-M", "none", "-chardev", `socket,id=m,fd=${CHANNELS.monitor}`, "-mon", "m,mode=control"];
const UNBOUND = new AbortController().signal;

describe("QEMU in the jail, with no guest to run", () => {
  let arena: Arena;
  beforeEach(() => (arena = new Arena()));
  afterEach(() => arena[Symbol.asyncDispose]());

  async function start(argv: readonly string[], systemRoot = "/"): Promise<Qemu> {
    const bounds = { scope: arena.scope, signal: UNBOUND };
    const cell = await hostContainment().openCell([], bounds);
    const share = { tag: "project", source: arena.folder, readOnly: false };
    const binds = [{ source: arena.folder, target: sharePath(share), readOnly: false }];
    return await startQemu(cell, { argv, systemRoot, binds, accelerator: "tcg" }, bounds);
  }

  it("takes the arguments of a whole machine, and its jail is proven", async () => {
    // No kernel: QEMU wants to read a real one before it answers.
    const board = boardArguments({ architecture: architecture(), accelerator: "tcg", cpus: 2, memoryMiB: 128, kernelCommandLine: "" });
    const withoutKernel = board.filter((arg, index) => !/^-(kernel|initrd|append)$/.test(arg) && !/^-(kernel|initrd|append)$/.test(board[index - 1] ?? ""));
    const share = { tag: "project", source: arena.folder, readOnly: false };
    const qemu = await start([...withoutKernel, ...sessionArguments(0, { shares: [share], devices: [] })]);
    await qemu.stop();
    expect(await qemu.ended).to.deep.equal({ reason: "stopped", detail: "" });
  });

  it("ends when stopped, and may be stopped twice", async () => {
    const qemu = await start(BARE);
    await qemu.stop();
    await qemu.stop();
    expect((await qemu.ended).reason).to.equal("stopped");
  });

  it("fails with what it said itself when it refuses its arguments", async () => {
    const error = await start([...BARE, "-device", "no-such-thing"]).catch((reason: unknown) => reason);
    expect(isFailure(error, "QEMU_FAILED")).to.equal(true);
    expect(String(error)).to.contain("no-such-thing");
  });

  it("says that memory is missing", async () => {
    const error = await start([...BARE, "-m", "900000000M"]).catch((reason: unknown) => reason);
    expect(isFailure(error, "MEMORY_MISSING"), String(error)).to.equal(true);
  });

  it("says that QEMU is missing in a system without it", async () => {
    const error = await start(BARE, arena.folder).catch((reason: unknown) => reason);
    expect(isFailure(error, "QEMU_MISSING")).to.equal(true);
    expect(String(error)).to.contain(join(arena.folder, program));
  });

  it("is a failed machine when something else ends it", async () => {
    const name = `cloche-test-${process.pid}`;
    const qemu = await start([...BARE, "-name", name]);
    const [pid] = readdirSync("/proc").filter((one) => {
      const line = /^\d+$/.test(one) ? readOr(`/proc/${one}/cmdline`) : "";
      return line.startsWith(program) && line.includes(name);
    });
    process.kill(Number(pid), "SIGKILL");
    expect(await qemu.ended).to.deep.equal({ reason: "failed", detail: "QEMU ended with 137" });
  });
});
