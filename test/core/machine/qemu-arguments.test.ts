import { expect } from "chai";
import { architecture } from "../../../core/machine/architecture.ts";
import { boardArguments, sessionArguments, type Accelerator } from "../../../core/machine/qemu-arguments.ts";
import { qemuValue } from "../../../core/machine/qemu-value.ts";
import { argumentsOf } from "../../../core/machine/template/shape.ts";

const BOARD = { architecture: architecture("x64"), accelerator: "tcg", cpus: 3, memoryMiB: 512, kernelCommandLine: "console=hvc0 quiet" } as const;
const NOTHING = { shares: [], disks: [], devices: [], localRanges: [], startSteps: [], networkSteps: [] };

/** The values of an option, in order. */
function valuesOf(args: readonly string[], option: string): string[] {
  return args.flatMap((arg, index) => (arg === option ? [args[index + 1] ?? ""] : []));
}

describe("QEMU's arguments", () => {
  it("double the commas of values, so that a directory stays a directory", () => {
    expect(qemuValue("local", { path: "a,readonly=on", readonly: false, n: 3 })).to.equal("local,path=a,,readonly=on,readonly=off,n=3");
    expect(qemuValue("virtio-rng-pci")).to.equal("virtio-rng-pci");
  });

  it("start from nothing, paused, with QEMU's own sandbox whole", () => {
    const args = boardArguments(BOARD);
    for (const flag of ["-nodefaults", "-no-user-config", "-no-reboot", "-S"]) expect(args).to.include(flag);
    expect(valuesOf(args, "-sandbox")).to.deep.equal(["on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny"]);
    expect(valuesOf(args, "-cpu")).to.deep.equal(["max,erms=off,fsrm=off"]);
    expect(valuesOf(boardArguments({ ...BOARD, accelerator: "kvm" }), "-cpu")).to.deep.equal(["host"]);
    expect(valuesOf(args, "-append")).to.deep.equal(["console=hvc0 quiet"]);
  });

  it("let an emulated kernel start on one processor, and no other", () => {
    const shape = { image: { id: "i", kernel: "", initrd: "", disks: [] }, systemRoot: "/", cpus: 2, memoryMiB: 64, shares: [], devices: [] };
    const words = (accelerator: Accelerator) => valuesOf(argumentsOf({ ...shape, accelerator }, "own"), "-append").join().split(" ");
    expect(words("tcg").includes("maxcpus=1")).to.equal(process.arch === "x64");
    expect(words("kvm")).not.to.include("maxcpus=1");
  });

  it("have no kernel where a machine goes on from its memory, on boards that need none then", () => {
    for (const ram of ["own", "made"] as const) expect(valuesOf(boardArguments({ ...BOARD, ram }), "-kernel"), ram).to.deep.equal(["/image/kernel"]);
    for (const ram of ["template", "copy"] as const) {
      expect(boardArguments({ ...BOARD, ram }), ram).not.to.include.members(["-kernel"]).and.not.to.include.members(["-initrd"]);
      expect(valuesOf(boardArguments({ ...BOARD, ram, architecture: architecture("arm64") }), "-kernel"), ram).to.deep.equal(["/image/kernel"]);
    }
  });

  it("name no path of the host and no socket on its disk", () => {
    const share = { tag: "project", source: "/home/me/secret,project", readOnly: false };
    const args = [...boardArguments(BOARD), ...sessionArguments(2, { ...NOTHING, shares: [share, { ...share, tag: "docs", readOnly: true }] })];
    expect(args.join(" ")).not.to.contain("secret");
    expect(valuesOf(args, "-fsdev")).to.deep.equal([
      "local,id=share0,path=/project,security_model=none,multidevs=remap,readonly=off",
      "local,id=share1,path=/shares/docs,security_model=none,multidevs=remap,readonly=on",
    ]);
    expect(valuesOf(args, "-chardev")).to.deep.equal(["socket,id=monitor,fd=3", "socket,id=console,fd=4", "socket,id=seed,fd=5"]);
  });

  it("attach the image's disks read-only, lowest first, before what plugins add", () => {
    const device = { kind: "virtio-blk-pci", properties: { drive: "x,y" } };
    const args = sessionArguments(2, { ...NOTHING, devices: [device] });
    const nodes = valuesOf(args, "-blockdev").map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(nodes.map((node) => [node["node-name"], node["read-only"]])).to.deep.equal([["disk0", true], ["disk1", true]]);
    expect(valuesOf(args, "-device").filter((text) => text.startsWith("virtio-blk"))).to.deep.equal(
      ["virtio-blk-pci,drive=disk0", "virtio-blk-pci,drive=disk1", "virtio-blk-pci,drive=x,,y"]);
  });

  it("give the guest a network without IPv6", () => {
    expect(valuesOf(sessionArguments(1, NOTHING), "-netdev")).to.deep.equal(["user,id=net,ipv6=off"]);
  });
});
