import { open } from "node:fs/promises";

/** Brings a file or a folder to the disk. */
export async function syncFile(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync();
}
