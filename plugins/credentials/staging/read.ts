import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

/** A file's content and mode, or why it cannot be had. */
export type Reading = { readonly content: Buffer; readonly mode: number } | { readonly why: string; readonly missing?: boolean };

/**
 * Reads a plain file of at most so many bytes. A link as its last part is not followed, and neither a pipe nor a device can make us
 * wait; a file that grows while it is read is cut at the limit.
 */
export function readBounded(path: string, mostBytes: number): Reading {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    return whyNot(error as NodeJS.ErrnoException);
  }
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) return { why: "it is not a plain file" };
    if (facts.size > mostBytes) return { why: `it is larger than ${inWords(mostBytes)}` };
    return { content: readAll(file, facts.size), mode: facts.mode };
  } catch (error) {
    return whyNot(error as NodeJS.ErrnoException);
  } finally {
    closeSync(file);
  }
}

/** The text of a plain file, or why not; what is not UTF-8 is no text. */
export function readText(path: string, mostBytes: number): { readonly text: string } | { readonly why: string; readonly missing?: boolean } {
  const reading = readBounded(path, mostBytes);
  if ("why" in reading) return reading;
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(reading.content) };
  } catch {
    return { why: "it is not text in UTF-8" };
  }
}

function readAll(file: number, size: number): Buffer {
  const content = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const got = readSync(file, content, length, size - length, length);
    if (got === 0) break;
    length += got;
  }
  return content.subarray(0, length);
}

function whyNot({ code = "" }: NodeJS.ErrnoException): { why: string; missing?: boolean } {
  if (code === "ENOENT" || code === "ENOTDIR") return { why: "it is not there", missing: true };
  if (code === "ELOOP") return { why: "it is a link" };
  if (code === "ENXIO") return { why: "it is not a plain file" };
  return { why: `it cannot be read (${code})` };
}

function inWords(bytes: number): string {
  return bytes >= 1 << 20 ? `${bytes >> 20} MiB` : `${bytes >> 10} KiB`;
}
