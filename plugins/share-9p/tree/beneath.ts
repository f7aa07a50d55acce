import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { below, nameOf, parentOf, toBuffer, type Bytes } from "./bytes.ts";

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Opens the directory that a path of a tree lies in, part by part, following no link: what is swapped for a link meanwhile is an
 * error. Node has no openat(2); a name below `/proc/self/fd/N` is the same. The caller closes it.
 */
export function openParent(root: Bytes, path: Bytes): number {
  return openDirectory(root, parentOf(path));
}

/** The same for a directory itself, "" being the tree's top. */
export function openDirectory(root: Bytes, path: Bytes): number {
  let fd = openSync(toBuffer(root), DIRECTORY);
  for (const part of path === "" ? [] : path.split("/")) {
    try {
      if (part === "" || part === "." || part === "..") throw Object.assign(new Error(`"${part}" in a path`), { code: "EINVAL" });
      const next = openSync(toBuffer(below(`/proc/self/fd/${fd}`, part)), DIRECTORY);
      closeSync(fd);
      fd = next;
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }
  return fd;
}

/** The start of a file of the tree, at most `most` bytes; undefined when there is no plain file at the path. Nothing is followed. */
export function readBeneath(root: Bytes, path: Bytes, most: number): Buffer | undefined {
  try {
    const parent = openParent(root, path);
    try {
      return readStart(toBuffer(below(`/proc/self/fd/${parent}`, nameOf(path))), most);
    } finally {
      closeSync(parent);
    }
  } catch {
    return undefined; // gone, or a link by now
  }
}

function readStart(file: Buffer, most: number): Buffer | undefined {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return undefined;
    const buffer = Buffer.alloc(Math.min(stat.size, most));
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(fd);
  }
}
