import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, stat, statfs, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Disposers } from "../support/disposers.ts";
import { messageOf } from "../support/errors.ts";
import { fail } from "./failures.ts";
import type { JailBind } from "./containment.ts";

/** Where QEMU finds the scratch disk in the jail, and by which serial number the guest finds it among its disks. */
export const SCRATCH = { path: "/scratch-disk", serial: "scratch" } as const;

/** What the image needs so that the guest can encrypt the disk with a key of its own. */
export const SCRATCH_PACKAGES = ["cryptsetup-bin", "e2fsprogs", "dmsetup"] as const;

/** A wish for a disk of bulk data that lives as long as the machine. */
export interface ScratchWish {
  /** Most bytes that it can hold; the file is sparse. */
  readonly bytes: number;
  /** A directory on a real disk. */
  readonly directory: string;
}

/** The file of a scratch disk before QEMU has opened it. */
export interface ScratchFile {
  readonly bind: JailBind;
  /** Takes its name away, once QEMU has it open: from then on the kernel frees it with QEMU, however that ends. */
  unname(): Promise<void>;
}

// TMPFS_MAGIC and RAMFS_MAGIC of statfs(2)
const IN_MEMORY: readonly number[] = [0x01021994, 0x858458f6];
/** A name is there for the seconds until QEMU has opened the file; what is older was left by a crash. */
const LEFT_BEHIND_MS = 10 * 60_000;

/** Makes the sparse file of a scratch disk. Throws SCRATCH_IN_MEMORY for a directory that is RAM, and SCRATCH_FAILED. */
export async function makeScratchFile({ bytes, directory }: ScratchWish, scope: Disposers): Promise<ScratchFile> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const { type } = await statfs(directory);
    if (IN_MEMORY.includes(type)) throw fail("SCRATCH_IN_MEMORY", { directory });
    await removeLeftBehind(directory);
    return await makeUnnamed(join(directory, randomUUID()), bytes, scope);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === undefined || !("syscall" in (cause as object))) throw cause;
    throw fail("SCRATCH_FAILED", { directory, reason: messageOf(cause) }, { cause });
  }
}

/** Makes a sparse file at a path whose name is taken away once QEMU has it open. */
export async function makeUnnamed(path: string, bytes: number, scope: Disposers): Promise<ScratchFile> {
  await using file = await open(path, "wx", 0o600);
  const unname = async (): Promise<void> => await unlink(path).catch(ifThere);
  await scope.defer("remove the scratch disk", unname);
  await file.truncate(bytes);
  return { bind: { source: path, target: SCRATCH.path, readOnly: false }, unname };
}

/** Removes such files, those whose names begin so, that a crash left in a directory. */
export async function removeLeftBehind(directory: string, prefix = ""): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(directory, name);
    const { mtimeMs } = await stat(path);
    if (Date.now() - mtimeMs > LEFT_BEHIND_MS) await unlink(path).catch(ifThere);
  }
}

function ifThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
