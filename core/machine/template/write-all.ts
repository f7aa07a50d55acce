import type { FileHandle } from "node:fs/promises";

/** Writes all of a part at an offset. */
export async function writeAll(to: FileHandle, part: Buffer, offset: number): Promise<void> {
  for (let done = 0; done < part.length; ) {
    const { bytesWritten } = await to.write(part, done, part.length - done, offset + done);
    done += bytesWritten;
  }
}
