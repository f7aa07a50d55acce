import { closeSync, constants, openSync } from "node:fs";
import { below, parentOf, toBuffer, type Bytes } from "./bytes.ts";

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
