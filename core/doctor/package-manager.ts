import type { Look } from "./look.ts";
import type { ManagerName } from "./needs.ts";

/** How one package manager is called; all as root, without questions, without what is merely recommended. */
export interface PackageManager {
  readonly name: ManagerName;
  readonly install: readonly string[];
  /** Renews the lists of packages; tried when an installation fails. */
  readonly refresh?: readonly string[];
}

const KNOWN: readonly (PackageManager & { readonly program: string })[] = [
  {
    name: "apt",
    program: "apt-get",
    install: ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "--no-install-recommends"],
    refresh: ["apt-get", "update"],
  },
  { name: "dnf", program: "dnf", install: ["dnf", "install", "-y", "--setopt=install_weak_deps=False"] },
  { name: "zypper", program: "zypper", install: ["zypper", "--non-interactive", "install", "--no-recommends"] },
  { name: "pacman", program: "pacman", install: ["pacman", "-S", "--needed", "--noconfirm"] },
  { name: "apk", program: "apk", install: ["apk", "add"], refresh: ["apk", "update"] },
];

// a Fedora or an Arch may have apt-get too, for making Debian images: the system's own manager is the one for packages
const ORDER: readonly ManagerName[] = ["dnf", "zypper", "pacman", "apk", "apt"];

/** The package manager of the host's system, or undefined when it is none that we know. */
export function packageManager(look: Look): PackageManager | undefined {
  for (const name of ORDER) {
    const known = KNOWN.find((manager) => manager.name === name);
    if (known && look.find(known.program) !== undefined) return known;
  }
  return undefined;
}
