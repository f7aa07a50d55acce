import { ok, unmeasured, warn, type Check } from "../check.ts";
import { QEMU } from "../needs.ts";

const FIXED = [4, 9, 2];

/** The library behind the guest's network card; before 4.9.2 root in the guest can read some of QEMU's memory through it. */
export const slirp: Check = {
  id: "slirp",
  title: "libslirp",
  needs: ["qemu"],
  async run(look) {
    const program = look.find(QEMU);
    const ldd = look.find("ldd");
    if (program === undefined || ldd === undefined) return unmeasured("not measured: no QEMU or no ldd");
    const library = /libslirp\.so\S* => (\S+)/.exec((await look.run([ldd, program])).output)?.[1];
    const file = library && (await look.run(["readlink", "-f", library])).output.trim();
    const version = await versionOf(file, look.run);
    if (!version) return unmeasured("not measured: its version could not be found out");
    const text = version.join(".");
    return isBefore(version, FIXED)
      ? warn(`${text}: root in the guest may read parts of QEMU's memory`, `Nothing secret is kept there. ${FIXED.join(".")} or later closes it.`)
      : ok(text);
  },
};

/** By the package that owns the file where there is dpkg: the library's own name only tells its interface's number. */
async function versionOf(file: string | undefined, run: (argv: readonly string[]) => Promise<{ output: string }>) {
  if (!file) return undefined;
  const { output } = await run(["dpkg-query", "-W", "-f", "${Version}", "libslirp0"]);
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(output);
  return match ? match.slice(1).map(Number) : undefined;
}

function isBefore(version: readonly number[], other: readonly number[]): boolean {
  for (const [index, part] of version.entries()) {
    if (part !== other[index]) return part < (other[index] ?? 0);
  }
  return false;
}
