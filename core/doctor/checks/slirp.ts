import { ok, unmeasured, warn, type Check } from "../check.ts";
import type { Look } from "../look.ts";
import { QEMU } from "../needs.ts";

const FIXED = [4, 9, 2];

// The library's file is named after its interface, so only the package knows the version.
const ASK = [
  ["dpkg-query", "-W", "-f", "${Version}", "libslirp0"],
  ["rpm", "-q", "--qf", "%{VERSION}", "libslirp"],
];

/** The library behind the guest's network card; before 4.9.2 root in the guest can read some of QEMU's memory through it. */
export const slirp: Check = {
  id: "slirp",
  title: "libslirp",
  needs: ["qemu"],
  async run(look) {
    const program = look.find(QEMU);
    const ldd = look.find("ldd");
    if (program === undefined || ldd === undefined) return unmeasured("not measured: no QEMU or no ldd");
    if (!(await look.run([ldd, program])).output.includes("libslirp")) return unmeasured("not measured: QEMU has it built in");
    const version = await versionOf(look);
    if (!version) return unmeasured("not measured: the package manager does not tell its version");
    const text = version.join(".");
    if (!isBefore(version, FIXED)) return ok(text);
    return warn(`${text}: root in the guest may read parts of QEMU's memory`, `Nothing secret is kept there. ${FIXED.join(".")} or later closes it.`);
  },
};

async function versionOf(look: Look): Promise<readonly number[] | undefined> {
  for (const question of ASK) {
    const match = /^(\d+)\.(\d+)\.(\d+)/.exec((await look.run(question)).output);
    if (match) return match.slice(1).map(Number);
  }
  return undefined;
}

function isBefore(version: readonly number[], other: readonly number[]): boolean {
  const differs = version.findIndex((part, index) => part !== other[index]);
  return differs >= 0 && (version[differs] ?? 0) < (other[differs] ?? 0);
}
