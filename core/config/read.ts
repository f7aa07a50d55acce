import { constants, type Stats } from "node:fs";
import { open, realpath, type FileHandle } from "node:fs/promises";
import { sep } from "node:path";
import { fail } from "./failures.ts";

/** What a file must be like to be read. */
export interface Conditions {
  /** Largest size, in KiB. */
  readonly limitKiB: number;
  /** Real path of the directory that the file must lie in, wherever links lead. */
  readonly within?: string;
  /** Looks at the opened file, and throws when it must not be used. */
  readonly approve?: (stat: Stats, realFile: string) => void;
}

/** The text of a configuration file, whatever was planted under its name: nothing else is opened, waited for, or read beyond the limit. */
export async function readText(file: string, conditions: Conditions): Promise<string> {
  const real = await realFile(file);
  const { within, limitKiB } = conditions;
  if (within !== undefined && !real.startsWith(within + sep)) throw fail("CONFIG_LINK_OUT", { file, project: within });
  const handle = await openFile(file, real);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw fail("CONFIG_NOT_A_FILE", { file, kind: kindOf(stat) });
    conditions.approve?.(stat, real);
    if (stat.size > limitKiB * 1024) throw fail("CONFIG_TOO_BIG", { file, limitKiB });
    return decode(file, await readAtMost(handle, file, limitKiB));
  } finally {
    await handle.close();
  }
}

async function realFile(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "it is a link to nothing" : (cause as Error).message;
    throw fail("CONFIG_UNREADABLE", { file, reason }, { cause });
  }
}

async function openFile(file: string, real: string): Promise<FileHandle> {
  try {
    // without O_NONBLOCK, opening a fifo waits for ever
    return await open(real, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENXIO") throw fail("CONFIG_NOT_A_FILE", { file, kind: "a socket" }, { cause });
    throw fail("CONFIG_UNREADABLE", { file, reason: (cause as Error).message }, { cause });
  }
}

function kindOf(stat: Stats): string {
  if (stat.isDirectory()) return "a directory";
  if (stat.isFIFO()) return "a named pipe";
  if (stat.isSocket()) return "a socket";
  return "a device";
}

async function readAtMost(handle: FileHandle, file: string, limitKiB: number): Promise<Buffer> {
  const buffer = Buffer.alloc(limitKiB * 1024 + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
    length += bytesRead;
    if (length === buffer.length) throw fail("CONFIG_TOO_BIG", { file, limitKiB });
    if (bytesRead === 0) return buffer.subarray(0, length);
  }
}

function decode(file: string, content: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content);
  } catch (cause) {
    throw fail("CONFIG_NOT_UTF8", { file }, { cause });
  }
}
