import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { tryLock } from "../image/lock.ts";
import { messageOf } from "../support/errors.ts";
import type { Bounds } from "./containment.ts";
import type { KeptDisk } from "./draft.ts";
import { fail } from "./failures.ts";
import { makeUnnamed, removeLeftBehind, type ScratchFile } from "./scratch.ts";

const FRESH = "instead-";

/** Where QEMU finds the disk in the jail. */
export function keptDiskPath({ serial }: Pick<KeptDisk, "serial">): string {
  return `/disks/${serial}`;
}

/**
 * Opens the file of a disk that is kept, with the kernel's lock on it until the scope closes; where another machine has it, a sparse file that goes
 * with this one stands in. A file of another size begins anew. Nothing here looks at what is in it. Throws KEPT_DISK_FAILED.
 */
export async function openKeptDisk(disk: KeptDisk, { scope, signal }: Bounds): Promise<ScratchFile> {
  const path = disk.file();
  try {
    await removeLeftBehind(dirname(path), FRESH);
    await using file = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    const lock = await tryLock({ lock: path }, signal);
    if (lock === undefined) {
      disk.onOpened("in use");
      const instead = await makeUnnamed(join(dirname(path), FRESH + randomUUID()), disk.bytes, scope);
      return { ...instead, bind: { ...instead.bind, target: keptDiskPath(disk) } };
    }
    await scope.defer(`let go of ${disk.serial}`, () => lock[Symbol.asyncDispose]());
    const { size, blocks } = await file.stat();
    if (size !== disk.bytes) {
      await file.truncate(0);
      await file.truncate(disk.bytes);
    }
    disk.onOpened(size === disk.bytes && blocks > 0 ? "kept" : "new");
    return { bind: { source: path, target: keptDiskPath(disk), readOnly: false }, async unname() {} };
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw fail("KEPT_DISK_FAILED", { file: path, setting: disk.setting, reason: messageOf(cause) }, { cause });
  }
}
