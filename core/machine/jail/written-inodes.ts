import { readdirSync, readFileSync, statSync } from "node:fs";

const WRITING = 0o3; // O_WRONLY and O_RDWR, see open(2)

/** Device and inode, such as "254:0 1234", of each file that a process has open for writing. Throws when it is gone. */
export function writtenInodes(pid: number): ReadonlySet<string> {
  return new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => inodeOf(pid, fd)));
}

function inodeOf(pid: number, fd: string): string[] {
  try {
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, "utf8"))?.[1] ?? "0";
    if ((Number.parseInt(flags, 8) & WRITING) === 0) return [];
    const { dev, ino } = statSync(`/proc/${pid}/fd/${fd}`, { bigint: true });
    return [`${deviceName(dev)} ${ino}`];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []; // closed meanwhile
    throw error;
  }
}

/** "MAJOR:MINOR", as makedev(3) of glibc packs them. */
function deviceName(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n);
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}
