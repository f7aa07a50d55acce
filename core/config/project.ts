import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { sep } from "node:path";
import type { Directories } from "./directories.ts";
import { fail } from "./failures.ts";

/** Directories of the system that are nobody's project; what lies below them may be one. */
const SYSTEM = new Set(
  `/bin /boot /dev /etc /home /lib /lib32 /lib64 /libx32 /lost+found /media /mnt /nix /opt /proc /root /run /sbin /snap /srv /sys
   /tmp /usr /usr/bin /usr/lib /usr/local /usr/sbin /usr/share /var /var/cache /var/lib /var/log /var/tmp
   /Applications /Library /System /Users /Volumes /private /private/etc /private/tmp /private/var`.split(/\s+/),
);

/** Below these there are no files in the usual sense. */
const NEVER_BELOW = ["/proc", "/sys", "/dev"];

/**
 * The real path of the project, or of another directory that is lent to the guest, or a clear refusal: PROJECT_MISSING, PROJECT_REFUSED
 * or PROJECT_NO_ACCESS. With `readOnly` the user need not be able to write there.
 */
export async function findProject(directory: string, ours: Directories, home: string, readOnly = false): Promise<string> {
  const project = await realDirectory(directory);
  const reason = await objection(project, ours, home);
  if (reason !== undefined) throw fail("PROJECT_REFUSED", { directory: project, reason });
  await needAccess(project, constants.R_OK | constants.X_OK, "readable");
  if (!readOnly) await needAccess(project, constants.W_OK, "writable");
  return project;
}

async function realDirectory(directory: string): Promise<string> {
  try {
    const real = await realpath(directory);
    if ((await stat(real)).isDirectory()) return real;
  } catch (cause) {
    // a name that is not UTF-8 has been mangled on its way here, and what it says now does not exist
    const mangled = directory.includes("\ufffd");
    const reason = mangled ? "its name is not UTF-8" : (cause as Error).message;
    throw fail("PROJECT_MISSING", { directory, reason }, { cause });
  }
  throw fail("PROJECT_MISSING", { directory, reason: "it is not a directory" });
}

async function objection(project: string, ours: Directories, home: string): Promise<string | undefined> {
  if (project === sep) return "the root of the file system";
  for (const candidate of new Set([home, passwordHome()])) {
    const real = await realOrSame(candidate);
    if (project === real) return "your home directory";
    if (isInside(real, project)) return `above your home directory ${real}`;
  }
  if (SYSTEM.has(project)) return "a directory of the system";
  for (const system of NEVER_BELOW) if (isInside(project, system)) return `inside ${system}`;
  for (const directory of Object.values(ours) as string[]) {
    const real = await realOrSame(directory);
    if (project === real || isInside(project, real)) return `inside cloche's own directory ${real}`;
    if (isInside(real, project)) return `above cloche's own directory ${real}`;
  }
  return undefined;
}

function isInside(path: string, directory: string): boolean {
  return path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}

function passwordHome(): string {
  try {
    return userInfo().homedir;
  } catch {
    return sep; // no entry in the password file; the root is refused anyhow
  }
}

/** The real path, with the part that does not exist yet left as it is. */
async function realOrSame(path: string): Promise<string> {
  const missing: string[] = [];
  for (let present = path; ; ) {
    try {
      return [await realpath(present), ...missing].join(sep).replace(/^\/\//, sep);
    } catch {
      const cut = present.lastIndexOf(sep);
      if (cut <= 0) return path;
      missing.unshift(present.slice(cut + 1));
      present = present.slice(0, cut);
    }
  }
}

async function needAccess(project: string, mode: number, right: string): Promise<void> {
  try {
    await access(project, mode);
  } catch (cause) {
    throw fail("PROJECT_NO_ACCESS", { directory: project, right, reason: (cause as Error).message }, { cause });
  }
}
