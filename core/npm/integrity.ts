import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** The form in which npm writes a sha512 checksum. */
export const INTEGRITY = /^sha512-[A-Za-z0-9+/]{86}==$/;

/** Hashes a file as npm does; undefined when there is none. */
export async function integrityOf(file: string, signal: AbortSignal): Promise<string | undefined> {
  const hash = createHash("sha512");
  try {
    await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash, { signal });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    signal.throwIfAborted();
    throw error;
  }
  return `sha512-${hash.digest("base64")}`;
}
