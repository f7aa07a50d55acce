import { expect } from "chai";
import type { Configuration } from "../../../core/config/configuration.ts";
import { bugReport } from "../../../core/doctor/report.ts";
import { fakeLook } from "./fake-look.ts";

const MARKER = "m4rk3r";
const CACHE = `/home/ada/Client ${MARKER}/cache/cloche`;

/** A configuration in which the user put a secret wherever one can stand. */
function marked(): Configuration {
  const entry = (key: string, value: unknown) => ({ option: { key, path: key.split(".") }, value, source: { kind: "user", where: `/home/${MARKER}/config.json` } });
  const plugin = (name: string, enabled = true) => ({ plugin: { name }, enabled, source: { kind: "user", where: MARKER }, options: { token: MARKER } });
  return {
    plugins: [plugin("egress"), plugin(`${MARKER}-plugin`)],
    entries: () => [
      entry("machine.memory", "4GiB"), entry("machine.cpus", 2), entry("machine.qemuRoot", `/opt/${MARKER}`), entry("machine.accel", `tcg ${MARKER}`),
      entry("egress.allow", [`${MARKER}.example`]), entry("image.mirror", `https://u:${MARKER}@mirror.example`), entry("plugins.egress", true), entry(`plugins.${MARKER}`, true),
    ],
  } as unknown as Configuration;
}

describe("A report for a bug", () => {
  const findings = [
    { id: "qemu", title: "QEMU", state: "ok", found: "QEMU 7.2.22 at /usr/bin/qemu-system-x86_64" },
    { id: "disk", title: "Disk", state: "fail", found: `no room in /home/${MARKER}/.cache/cloche, of ${MARKER}`, fix: `rm -r /home/${MARKER}` },
    { id: "image", title: "Images", state: "fail", found: `none for ${CACHE}/bases; the check itself failed: Error: ENOENT: no such file or directory, open '/home/ada/it's the ${MARKER}, "x"/file'` },
    { id: "long", title: "Long", state: "ok", found: `${"x".repeat(290)} ${CACHE}, all of it` },
    { id: "namespaces", title: "Namespaces", state: "fail", found: "'/proc/self/ns/user' cannot be read" },
  ] as const;

  it("has the facts that a bug needs, and nothing that the user chose", async () => {
    const look = { ...fakeLook({}), user: MARKER, term: MARKER, cacheDir: CACHE, read: async () => `ID=debian\nVERSION_ID="12"\nNAME="${MARKER}"\n` };
    const report = await bugReport({ look, findings, configuration: marked(), builtIn: ["egress"], sessions: 2 });
    expect(report).to.include({ distribution: "debian 12", sessions: 2, node: process.versions.node });
    expect(report.checks).to.deep.equal([
      { id: "qemu", state: "ok", found: "QEMU 7.2.22 at /usr/bin/qemu-system-x86_64" },
      { id: "disk", state: "fail", found: "no room in <path>, of <user>" },
      { id: "image", state: "fail", found: "none for <path><path>; the check itself failed: Error: ENOENT: no such file or directory, open <path>" },
      { id: "long", state: "ok", found: `${"x".repeat(290)} <path>, a` },
      { id: "namespaces", state: "fail", found: "'/proc/self/ns/user' cannot be read" },
    ]);
    expect(report.options).to.deep.include({ key: "machine.memory", from: "user", value: "4GiB" });
    expect(report.options).to.deep.include({ key: "egress.allow", from: "user" });
    expect(report.plugins).to.deep.equal([{ name: "egress", enabled: true }, { name: "1 from outside", enabled: true }]);
    expect(JSON.stringify(report)).to.not.include(MARKER);
  });
});
