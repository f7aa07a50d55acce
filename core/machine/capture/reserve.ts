import { execFile } from "node:child_process";
import { open, rm, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemTool } from "../tools.ts";

const run = promisify(execFile);
const DEADLINE_MS = 30_000;
/** By how much it gives way at once. */
const STEP_BYTES = 8 * 1024 * 1024;

/** Room on a disk, taken before it is needed by a file that gives way as what needs it is written. */
export interface Reserve {
  /** Room for so many bytes more is about to be needed. */
  give(bytes: number): Promise<void>;
  /** Gives back what is left. */
  end(): Promise<void>;
}

/**
 * Takes so much room in a folder, so that a disk or a quota that has less says so now: ENOSPC or EDQUOT as an Error, and nothing is left.
 * Where a file system cannot reserve, nothing is taken.
 */
export async function takeRoom(folder: string, bytes: number): Promise<void> {
  const file = fileOf(folder);
  try {
    await run(systemTool("fallocate"), ["-l", `${bytes}`, file], { timeout: DEADLINE_MS, env: { LC_ALL: "C" } });
  } catch (cause) {
    await rm(file, { force: true });
    const { stderr = "" } = cause as { readonly stderr?: string };
    if (!/not supported|not implemented/i.test(stderr)) throw new Error(stderr.trim() || "the room cannot be reserved", { cause });
  }
}

/** The room that was taken in a folder; nothing when none was. */
export async function openReserve(folder: string): Promise<Reserve> {
  const handle = await open(fileOf(folder), "r+").catch(() => undefined);
  if (!handle) return { async give() {}, async end() {} };
  return new RoomFile(folder, handle, (await handle.stat()).size);
}

class RoomFile implements Reserve {
  readonly #folder: string;
  readonly #handle: FileHandle;
  #bytes: number;
  /** Given back and not used up yet. */
  #free = 0;

  constructor(folder: string, handle: FileHandle, bytes: number) {
    this.#folder = folder;
    this.#handle = handle;
    this.#bytes = bytes;
  }

  async give(bytes: number): Promise<void> {
    if (bytes > this.#free && this.#bytes > 0) {
      const step = Math.min(this.#bytes, Math.max(STEP_BYTES, bytes));
      this.#bytes -= step;
      await this.#handle.truncate(this.#bytes);
      this.#free += step;
    }
    this.#free = Math.max(0, this.#free - bytes);
  }

  async end(): Promise<void> {
    await this.#handle.close();
    await rm(fileOf(this.#folder), { force: true });
  }
}

function fileOf(folder: string): string {
  return join(folder, "room");
}
