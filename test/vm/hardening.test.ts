import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { qemuOf } from "../support/qemu-of.ts";
import { sharedSession, type SharedSession } from "../support/shared-session.ts";

// Debian's own, of packages that every image has; each of them only acts for the one who calls it
const SET_ID = ["chage", "chfn", "chsh", "expiry", "gpasswd", "mount", "newgrp", "passwd", "ssh-agent", "ssh-keysign", "su", "umount", "unix_chkpwd"];
const OURS = "/usr/local/bin/become";

const SETTINGS: Readonly<Record<string, string>> = {
  "kernel.kexec_load_disabled": "1",
  "kernel.dmesg_restrict": "1",
  "kernel.kptr_restrict": "2",
  "kernel.unprivileged_bpf_disabled": "1",
  "kernel.perf_event_paranoid": "3",
  "kernel.yama.ptrace_scope": "1",
  "kernel.sysrq": "0",
  "kernel.core_pattern": "|/bin/false",
  "fs.suid_dumpable": "0",
  "fs.protected_fifos": "2",
  "fs.protected_regular": "2",
  "fs.protected_symlinks": "1",
  "fs.protected_hardlinks": "1",
  "net.core.bpf_jit_harden": "2",
};

describe("The guest", () => {
  let shared: SharedSession;

  before(async function () {
    this.timeout(5 * 60_000);
    shared = await sharedSession();
  });

  it("lets nobody log in as root or as the agent with a password", async () => {
    const lines = (await shared.sh("cut -d: -f1,2 /etc/shadow", "root")).trim().split("\n");
    expect(lines).to.include.members(["root:*", "agent:!"]);
    expect(lines.filter((line) => !/:[!*]+$/.test(line))).to.deep.equal([]);
    const su = await shared.exec(["su", "-c", "id"], { input: "\n" });
    expect(su.status).to.not.equal(0);
    expect(su.stdout).to.not.include("uid=0");
  });

  it("keeps the kernel's settings tight, and loads no other kernel, not even for root", async () => {
    const names = Object.keys(SETTINGS);
    const values = (await shared.sh(`cd /proc/sys && cat ${names.map((name) => name.replaceAll(".", "/")).join(" ")}`, "root")).trim().split("\n");
    expect(Object.fromEntries(names.map((name, index) => [name, values[index]]))).to.deep.equal(SETTINGS);
    const relax = await shared.exec(["become", "--reuid=0", "--regid=0", "--clear-groups", "--", "sh", "-c", "echo 0 >/proc/sys/kernel/kexec_load_disabled"]);
    expect(relax.status).to.not.equal(0);
  });

  it("has all of its processors running, also where its kernel started on one", async () => {
    const qemu = readFileSync(`/proc/${qemuOf(shared.keeper.pid)}/cmdline`, "latin1").split("\0");
    const given = qemu[qemu.indexOf("-smp") + 1];
    expect(Number(given)).to.be.greaterThan(1);
    expect((await shared.sh("nproc")).trim()).to.equal(given);
  });

  it("has no string instructions under emulation that emulation would do byte by byte", async () => {
    const qemu = readFileSync(`/proc/${qemuOf(shared.keeper.pid)}/cmdline`, "latin1").split("\0");
    const flags = (await shared.sh("grep -m 1 -E '^(flags|Features)' /proc/cpuinfo")).trim().split(/\s+/);
    expect(flags).to.include.oneOf(["fpu", "fp"]);
    if (qemu.includes("tcg")) expect(flags.filter((flag) => flag === "erms" || flag === "fsrm")).to.deep.equal([]);
  });

  it("ends what takes all memory before everything else stands still", async () => {
    expect(await shared.sh("cat /sys/kernel/mm/lru_gen/enabled /sys/kernel/mm/lru_gen/min_ttl_ms")).to.match(/^0x000[1357]\n1000\n$/);
  });

  it("has no program that makes others root but Debian's own few", async () => {
    const found = (await shared.sh(`find / -xdev -perm /6000 -type f`, "root")).trim().split("\n");
    expect(found).to.include(OURS);
    const names = found.filter((path) => path !== OURS).map((path) => path.split("/").at(-1) ?? "");
    expect(names.filter((name) => !SET_ID.includes(name))).to.deep.equal([]);
    const capable = await shared.sh("PATH=$PATH:/usr/sbin; command -v getcap >/dev/null && getcap -r / 2>/dev/null; true", "root");
    expect(capable).to.equal("");
    expect((await shared.exec(["sh", "-c", "command -v sudo doas pkexec"])).status).to.not.equal(0);
  });

  it("cannot fill the host's disk or our memory with what it says on its console, nor by opening what QEMU warns of", async function () {
    this.timeout(3 * 60_000);
    const kept = () => Number(execFileSync("du", ["-s", "--block-size=1", "--total", shared.place.home, shared.place.runtime], { encoding: "utf8" }).split("\n").at(-2)?.split("\t")[0]);
    const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${shared.keeper.pid}/status`, "utf8"))?.[1]) * 1024;
    const before = { kept: kept(), memory: memory() };
    execFileSync("mkfifo", [join(shared.place.project, "flooded")]);
    await shared.sh("head -c 8M /dev/zero | tr '\\0' x >/dev/hvc0; for i in $(seq 20); do timeout 1 dd if=flooded of=/dev/null iflag=nonblock 2>/dev/null; done; rm flooded", "root");
    expect(kept() - before.kept).to.be.below(2 ** 20);
    expect(memory() - before.memory).to.be.below(64 * 2 ** 20);
  });

  it("cannot write to its disks, not even as root", async () => {
    const disks = (await shared.sh("ls -d /sys/block/vd*", "root")).trim().split("\n").map((path) => path.split("/").at(-1));
    expect(disks.length).to.be.greaterThan(0);
    for (const disk of disks) {
      expect(await shared.sh(`cat /sys/block/${disk}/ro; blockdev --setrw /dev/${disk} 2>/dev/null; cat /sys/block/${disk}/ro`, "root")).to.match(/^1\n/);
      const write = await shared.sh(`dd if=/dev/zero of=/dev/${disk} bs=4096 count=1 conv=fsync 2>&1 && echo written; true`, "root");
      expect(write, disk).to.match(/not permitted|[Rr]ead-only/).and.not.include("written");
      // the control: reading works, and so does the same write elsewhere
      const control = await shared.sh(`dd if=/dev/${disk} of=/tmp/first bs=4096 count=1 conv=fsync 2>/dev/null && echo written; rm /tmp/first`, "root");
      expect(control).to.equal("written\n");
    }
  });

  it("is told nothing on its kernel's command line but what every machine is told", async () => {
    const line = await shared.sh("cat /proc/cmdline");
    expect(line).to.match(/^console=hvc0 [a-z0-9=.,_ -]+\n$/);
    expect(line).to.not.include("shared").and.not.include(shared.place.folder);
  });

  it("has keys of its own that nobody but root can read", async () => {
    for (const file of ["/run/cloche/host-key", "/etc/shadow", "/dev/vda", "/dev/virtio-ports/cloche.seed", "/dev/hvc0", "/proc/kcore", "/dev/mem"]) {
      expect((await shared.exec(["head", "-c", "1", file])).status, file).to.equal(1);
    }
    expect(await shared.sh("head -c 10 /run/cloche/host-key", "root")).to.equal("-----BEGIN");
  });

  it("runs few processes as root, and no service that listens", async () => {
    const listening = await shared.sh("cat /proc/net/tcp /proc/net/tcp6 | awk '$4 == \"0A\"'; awk 'NR > 1' /proc/net/udp /proc/net/udp6", "root");
    expect(listening.split("\n").filter((line) => !/^\s*sl\s/.test(line)).join("\n").trim()).to.equal("");
  });
});

describe("QEMU on the host", () => {
  let pid: number;
  let shared: SharedSession;

  before(async function () {
    this.timeout(5 * 60_000);
    shared = await sharedSession();
    pid = qemuOf(shared.keeper.pid);
  });

  it("has an empty environment", () => {
    const names = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter((entry) => entry !== "").map((entry) => entry.split("=", 1)[0]);
    // what the shell sets that waits for our word; the control: other processes' environments are not empty
    expect(names.filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name ?? ""))).to.deep.equal([]);
    expect(readFileSync(`/proc/${shared.keeper.pid}/environ`, "utf8")).to.include("HOME=");
  });

  it("shows no path of the host and no secret among its arguments", () => {
    const argv = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const paths = argv.join(" ").match(/\/[\w./-]+/g) ?? [];
    expect(paths).to.include("/project");
    expect(paths.filter((path) => !/^\/(usr\/bin\/qemu-system-\w+|image\/(kernel|initrd|disk\d)|state\/ram|project)$/.test(path))).to.deep.equal([]);
    expect(argv.join(" ")).to.not.match(/PRIVATE|ssh-ed25519/);
  });
});
