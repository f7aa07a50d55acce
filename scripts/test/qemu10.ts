import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";

const SUITE = "bookworm";
const PARTS = ["qemu-system-x86", "qemu-system-common", "qemu-system-data", "seabios"];

/**
 * QEMU 10.0 from Debian 12's backports, unpacked into a folder of its own beside the host's QEMU 7.2; nothing of it is installed.
 * The mirror is the one that the host's apt is configured to use. Throws when there is none for this release.
 */
export function unpackQemu10(folder: string): void {
  if (existsSync(folder)) return;
  const mirror = debianMirror();
  const next = `${folder}.next`;
  rmSync(next, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  // the jail starts QEMU from a shell of the same tree
  const include = ["dash", ...PARTS.map((name) => `${name}/${SUITE}-backports`)].join(",");
  const sources = [`deb ${mirror} ${SUITE} main`, `deb ${mirror} ${SUITE}-backports main`];
  execFileSync("mmdebstrap", ["--quiet", "--variant=extract", `--include=${include}`, SUITE, next, ...sources], { stdio: ["ignore", "inherit", "inherit"], cwd: "/" });
  renameSync(next, folder);
}

function debianMirror(): string {
  const format = "$(RELEASE) $(COMPONENT) $(REPO_URI)";
  const lines = execFileSync("apt-get", ["indextargets", "--format", format, "Created-By: Packages"], { encoding: "utf8" }).split("\n");
  const mirror = lines.map((line) => line.split(" ")).find(([release, component]) => release === SUITE && component === "main")?.[2];
  if (mirror === undefined) throw new Error(`QEMU 10.0 is taken from ${SUITE}'s backports, and this host's apt knows no mirror of ${SUITE}`);
  return mirror;
}
