import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { expect } from "chai";
import { lockedMiB } from "../../../core/machine/locked-memory.ts";
import { argumentsOf, type Shape } from "../../../core/machine/template/shape.ts";

const MEMORY_MIB = 512;
const SHAPE: Shape = { image: { id: "none", kernel: "", initrd: "", disks: [] }, systemRoot: "/", accelerator: "tcg", cpus: 2, memoryMiB: MEMORY_MIB, shares: [], devices: [] };
// what comes from the jail: the image's files, and channels
const OF_THE_JAIL = new Set(["-kernel", "-initrd", "-append", "-chardev", "-mon"]);

/** What QEMU keeps in memory of a machine that stands still, in MiB, with the arguments of ours that do not name what is in the jail alone. */
async function locked(shape: Shape): Promise<{ readonly lockedMiB: number; readonly swappedMiB: number }> {
  const [program = "", ...args] = argumentsOf(shape, "own");
  const rest = args.flatMap((arg, index) => (OF_THE_JAIL.has(arg) || OF_THE_JAIL.has(args[index - 1] ?? "") || /chardev=/.test(arg) || /chardev=/.test(args[index + 1] ?? "") ? [] : [arg]));
  const child = spawn(program, [...rest, "-qmp", "stdio"], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    // it greets early, and answers when all that it makes at its start is made
    child.stdin.write('{"execute":"qmp_capabilities"}\n{"execute":"query-status"}\n');
    let answer = "";
    for await (const line of createInterface(child.stdout)) if ((answer = line).includes('"status"')) break;
    expect(answer).to.include("prelaunch");
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024;
    return { lockedMiB: field("VmLck"), swappedMiB: field("VmSwap") };
  } finally {
    const ended = once(child, "close");
    child.kill("SIGKILL");
    await ended;
  }
}

// Root may lock more than its limit outside of the jail, where it has the capability for that; a normal user needs the limit.
describe("machine.lockMemory, with QEMU itself", () => {
  it("has all of the guest's memory locked, and no more than was asked of the limit", async () => {
    const found = await locked({ ...SHAPE, lockMemory: true });
    expect(found.lockedMiB).to.be.at.least(MEMORY_MIB).and.at.most(lockedMiB(SHAPE));
    expect(found.swappedMiB).to.equal(0);
  });

  it("is off unless you ask for it", async () => {
    expect((await locked(SHAPE)).lockedMiB).to.equal(0);
  });
});
