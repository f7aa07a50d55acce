import { expect } from "chai";
import type { Check } from "../../../core/doctor/check.ts";
import { allChecks, examine } from "../../../core/doctor/doctor.ts";
import { fakeLook, type FakeHost } from "./fake-look.ts";

const consultants = { prove: async () => undefined, inspect: async () => [] };

async function find(id: string, host: FakeHost, others = consultants as Parameters<typeof allChecks>[0]) {
  const [finding] = await examine(fakeLook(host), allChecks(others).filter((check: Check) => check.id === id));
  if (!finding) throw new Error(`no check is called ${id}`);
  return finding;
}

describe("The doctor", () => {
  it("names the package when a program is missing, for each package manager", async () => {
    const withApt = await find("bubblewrap", { programs: ["apt-get"] });
    expect(withApt.state).to.equal("fail");
    expect(withApt.fix).to.include("sudo apt-get install -y --no-install-recommends bubblewrap");
    const withDnf = await find("qemu", { programs: ["dnf", "apt-get"] });
    expect(withDnf.fix).to.include("sudo dnf install").and.include("qemu-system");
    const withNone = await find("bubblewrap", {});
    expect(withNone.fix).to.include("by your own means");
  });

  it("shows every finding though a check throws", async () => {
    const broken: Check = { id: "broken", title: "Broken", run: () => Promise.reject(new Error("bang")) };
    const findings = await examine(fakeLook({}), [broken, ...allChecks(consultants).slice(0, 2)]);
    expect(findings).to.have.length(3);
    expect(findings[0]).to.include({ state: "fail", found: "the check itself failed: Error: bang" });
  });

  it("tells that a host without Linux cannot start anything", async () => {
    expect(await find("system", { facts: { platform: "darwin" } })).to.include({ state: "fail" });
    expect(await find("system", { files: { "/etc/os-release": 'PRETTY_NAME="A System"\n' } })).to.include({ state: "ok", found: "A System" });
  });

  it("refuses a Node that is too old", async () => {
    expect(await find("node", { facts: { nodeVersion: "20.20.2" } })).to.include({ state: "fail" });
    expect(await find("node", { facts: { nodeVersion: "22.0.0" } })).to.include({ state: "ok" });
  });

  it("looks at QEMU's version, at its 9p and at its network", async () => {
    const says = (version: string, devices = "virtio-9p-pci", networks = "user") =>
      [["--version", { output: `QEMU emulator version ${version}` }], ["-device help", { output: devices }], ["-netdev help", { output: `socket\n${networks}\n` }]] as const;
    const programs = ["qemu-system-x86_64", "qemu-system-aarch64"];
    expect(await find("qemu", { programs, says: says("7.2.22 (Debian)") })).to.include({ state: "ok", found: "7.2.22" });
    expect(await find("qemu", { programs, says: says("6.2.0") })).to.include({ state: "warn" });
    expect((await find("qemu", { programs, says: says("8.2.0", "virtio-net-pci") })).found).to.include("9p");
    expect((await find("qemu", { programs, says: says("8.2.0", undefined, "tap") })).found).to.include("slirp");
  });

  it("warns of a libslirp that leaks memory, and says when it could not find out", async () => {
    const host = (version: string) => ({
      programs: ["qemu-system-x86_64", "qemu-system-aarch64", "ldd"],
      says: [["ldd", { output: "\tlibslirp.so.0 => /lib/libslirp.so.0 (0x00)" }], ["dpkg-query", { output: version }]] as const,
    });
    expect(await find("slirp", host("4.7.0-1"))).to.include({ state: "warn" });
    expect(await find("slirp", host("4.9.1-1"))).to.include({ state: "warn" });
    expect(await find("slirp", host("4.9.2-1"))).to.include({ state: "ok", found: "4.9.2" });
    expect(await find("slirp", host("5.0.0"))).to.include({ state: "ok" });
    expect(await find("slirp", host(""))).to.include({ state: "unmeasured" });
  });

  describe("on user namespaces", () => {
    const programs = ["bwrap"];
    const shut = [["bwrap", { status: 1, output: "bwrap: setting up uid map: Permission denied" }]] as const;

    it("is content when one could be made", async () => {
      expect(await find("user-namespaces", { programs })).to.include({ state: "ok" });
    });
    it("names the limit of zero", async () => {
      expect((await find("user-namespaces", { programs, files: { "/proc/sys/user/max_user_namespaces": "0\n" } })).fix).to.include("sysctl");
    });
    it("names Debian's old switch", async () => {
      const files = { "/proc/sys/kernel/unprivileged_userns_clone": "0\n" };
      expect((await find("user-namespaces", { programs, files })).found).to.include("unprivileged_userns_clone");
      expect(await find("user-namespaces", { programs, files, facts: { uid: 0 } })).to.include({ state: "ok" });
    });
    it("explains AppArmor's restriction and offers a profile", async () => {
      const files = { "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n" };
      const finding = await find("user-namespaces", { programs, files, says: shut });
      expect(finding.found).to.include("AppArmor").and.include("Ubuntu 24.04");
      expect(finding.fix).to.include("userns,").and.include("/usr/bin/bwrap").and.include("apparmor_parser");
      expect(await find("user-namespaces", { programs, files })).to.include({ state: "ok" });
    });
    it("shows what bwrap said when no known lock is shut", async () => {
      expect((await find("user-namespaces", { programs, says: shut })).found).to.include("setting up uid map");
    });
  });

  it("asks a range of ids for a normal user, and none for root", async () => {
    const range = "ada:100000:65536\n";
    expect(await find("subordinate-ids", {})).to.include({ state: "fail" });
    expect((await find("subordinate-ids", { files: { "/etc/subuid": range } })).found).to.include("/etc/subgid");
    expect(await find("subordinate-ids", { files: { "/etc/subuid": range, "/etc/subgid": "1000:100000:65536" } })).to.include({ state: "ok" });
    expect(await find("subordinate-ids", { files: { "/etc/subuid": "adam:100000:65536", "/etc/subgid": range } })).to.include({ state: "fail" });
    expect(await find("subordinate-ids", { facts: { uid: 0 } })).to.include({ state: "ok" });
  });

  it("names the kvm group, and believes acceleration only when a guest ran", async () => {
    const prove = (works: boolean) => ({ ...consultants, prove: async () => ({ works, detail: "the probe's word" }) });
    const device = { "/dev/kvm": "" };
    expect(await find("kvm", {})).to.include({ state: "warn" });
    expect((await find("kvm", { facts: { access: async () => "denied" } })).fix).to.include("usermod -aG kvm ada");
    expect(await find("kvm", { files: device })).to.include({ state: "unmeasured" });
    expect(await find("kvm", { files: device }, prove(true))).to.include({ state: "ok", found: "the probe's word" });
    expect((await find("kvm", { files: device }, prove(false))).found).to.include("the probe's word").and.include("no security boundary");
  });

  it("measures memory and disk", async () => {
    const memory = (available: number) => ({ files: { "/proc/meminfo": `MemTotal: 8388608 kB\nMemAvailable: ${available} kB\n` } });
    expect(await find("memory", memory(4_194_304))).to.include({ state: "ok", found: "4.0 of 8.0 GiB available" });
    expect(await find("memory", memory(1_048_576))).to.include({ state: "warn" });
    expect(await find("memory", {})).to.include({ state: "unmeasured" });
    const free = (gib: number) => ({ facts: { freeBytes: async () => gib * 1024 ** 3 } });
    expect(await find("disk", free(1))).to.include({ state: "fail" });
    expect(await find("disk", free(3))).to.include({ state: "warn" });
    expect(await find("disk", free(50))).to.include({ state: "ok" });
  });

  it("names the damaged image", async () => {
    const inspect = (damage?: string) => ({ ...consultants, inspect: async () => [{ id: "abc", damage }] });
    expect(await find("image", {}, inspect())).to.include({ state: "ok" });
    expect(await find("image", {}, inspect("the kernel was changed"))).to.include({ state: "fail", found: "abc: the kernel was changed" });
    expect(await find("image", {})).to.include({ state: "unmeasured" });
  });
});
