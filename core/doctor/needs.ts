/** The package managers that we know how to call. */
export const MANAGERS = ["apt", "dnf", "pacman", "zypper", "apk"] as const;
export type ManagerName = (typeof MANAGERS)[number];

/** Something of the host's that cloche uses. A manager that is not named has no package of it that we know of. */
export interface Need {
  readonly id: string;
  /** All of these programs, or else this file, must be there. */
  readonly programs?: readonly string[];
  readonly file?: string;
  /** What it is for, in a few words. */
  readonly purpose: string;
  readonly packages: Partial<Readonly<Record<ManagerName, string>>>;
  /** Not needed when started as root. */
  readonly onlyRootless?: boolean;
}

const ARM = process.arch === "arm64";

/** The program that runs machines of the host's own processor. */
export const QEMU = ARM ? "qemu-system-aarch64" : "qemu-system-x86_64";

/** All that machines and their images need; `cloche doctor` and `npm start` both go by this table. */
export const NEEDS: readonly Need[] = [
  {
    id: "qemu",
    programs: [QEMU],
    purpose: "runs the machine",
    packages: ARM
      ? { apt: "qemu-system-arm", dnf: "qemu-system-aarch64-core", pacman: "qemu-system-aarch64", zypper: "qemu-arm", apk: QEMU }
      : { apt: "qemu-system-x86", dnf: "qemu-system-x86-core", pacman: "qemu-system-x86", zypper: "qemu-x86", apk: QEMU },
  },
  {
    id: "bubblewrap",
    programs: ["bwrap"],
    purpose: "jails QEMU",
    packages: { apt: "bubblewrap", dnf: "bubblewrap", pacman: "bubblewrap", zypper: "bubblewrap", apk: "bubblewrap" },
  },
  {
    id: "iproute",
    programs: ["ip"],
    purpose: "sets up the jail's network",
    packages: { apt: "iproute2", dnf: "iproute", pacman: "iproute2", zypper: "iproute2", apk: "iproute2" },
  },
  {
    id: "util-linux",
    programs: ["nsenter", "setpriv", "unshare", "flock"],
    purpose: "enters the jail's network, ends helpers with us",
    packages: { apt: "util-linux", dnf: "util-linux", pacman: "util-linux", zypper: "util-linux", apk: "util-linux-misc setpriv" },
  },
  {
    id: "perl",
    programs: ["perl"],
    purpose: "opens doors into the jail's network, freezes files of the project",
    packages: { apt: "perl", dnf: "perl-interpreter", pacman: "perl", zypper: "perl", apk: "perl" },
  },
  {
    id: "findutils",
    programs: ["find", "grep"],
    purpose: "finds the files to freeze",
    packages: { apt: "findutils grep", dnf: "findutils grep", pacman: "findutils grep", zypper: "findutils grep", apk: "findutils grep" },
  },
  {
    id: "mmdebstrap",
    programs: ["mmdebstrap"],
    purpose: "makes the image",
    packages: { apt: "mmdebstrap", dnf: "mmdebstrap" },
  },
  {
    id: "apt",
    programs: ["apt-get", "dpkg"],
    purpose: "fetches Debian's packages for the image",
    packages: { apt: "apt dpkg", dnf: "apt dpkg", pacman: "apt dpkg" },
  },
  {
    id: "debian-keyring",
    file: "/usr/share/keyrings/debian-archive-keyring.gpg",
    purpose: "checks Debian's signatures",
    packages: { apt: "debian-archive-keyring", dnf: "debian-keyring", pacman: "debian-archive-keyring" },
  },
  {
    id: "squashfs",
    programs: ["mksquashfs"],
    purpose: "packs the image",
    packages: { apt: "squashfs-tools", dnf: "squashfs-tools", pacman: "squashfs-tools", zypper: "squashfs", apk: "squashfs-tools" },
  },
  {
    id: "uidmap",
    programs: ["newuidmap", "newgidmap"],
    purpose: "makes the image without being root",
    packages: { apt: "uidmap", dnf: "shadow-utils", pacman: "shadow", zypper: "shadow", apk: "shadow-subids" },
    onlyRootless: true,
  },
];
