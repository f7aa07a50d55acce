import { randomBytes } from "node:crypto";
import { closeSync, constants, fchmodSync, lstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeSync } from "node:fs";
import { openDirectory } from "../tree/beneath.ts";
import { below, nameOf, parentOf, toBuffer, type Bytes } from "../tree/bytes.ts";
import { kindAt } from "../tree/look.ts";
import { standsAt } from "./base.ts";
import type { Base, Change } from "./change.ts";

/** How a change stands to what the host has now. */
export type Standing = "ready" | "done" | "conflict";

/** Whether a change can be applied as it is, is there already, or meets something that the host changed in the meantime. */
export function standingOf(root: Bytes, change: Change): Standing {
  const { base } = standsAt(root, change.path);
  if (isAsWanted(base, change)) return "done";
  return base.kind === change.base.kind && base.hash === change.base.hash && base.executable === change.base.executable ? "ready" : "conflict";
}

function isAsWanted(base: Base, { kind, hash, executable, replaces }: Change): boolean {
  if (base.kind !== kind || replaces) return false;
  return kind === "nothing" || kind === "directory" || (base.hash === hash && (kind === "link" || base.executable === executable));
}

/**
 * Makes a path of the project as the change says, whatever stands there: files and links in one step, so that there is the old one
 * or the new one and never a part. Directories on the way are made, links on the way are an error. Never with more rights than that
 * the user may execute. `others` says which paths below have changes of their own.
 */
export function applyChange(root: Bytes, change: Change, content: Buffer, others: ReadonlyMap<Bytes, Change>): void {
  const parent = openMade(root, parentOf(change.path));
  try {
    const folder = `/proc/self/fd/${parent}`;
    const place = toBuffer(below(folder, nameOf(change.path)));
    const before = lstatSync(place, { throwIfNoEntry: false });
    if (change.kind === "directory") {
      if (before && !before.isDirectory()) unlinkSync(place);
      if (!before?.isDirectory()) mkdirSync(place, 0o755);
      if (change.replaces) removeOthers(root, change.path, others);
      return;
    }
    if (change.kind === "nothing") {
      if (before?.isDirectory()) rmSync(place, { recursive: true });
      else if (before) unlinkSync(place);
      return;
    }
    const mode = before?.isFile() ? before.mode & 0o777 : 0o666 & ~process.umask();
    replace(folder, place, before?.isDirectory() === true, (fresh) => {
      if (change.kind === "link") symlinkSync(content, fresh);
      else writeNew(fresh, content, change.executable ? mode | ((mode & 0o444) >> 2) : mode & ~0o111);
    });
  } finally {
    closeSync(parent);
  }
}

/** Nothing of what was there goes before the new one is whole: the disk may be full. A directory cannot be replaced in one step. */
function replace(folder: string, place: Buffer, isDirectory: boolean, make: (fresh: Buffer) => void): void {
  const [fresh, old] = [nameBeside(folder), nameBeside(folder)];
  let isAway = false;
  try {
    make(fresh);
    if (isDirectory) {
      renameSync(place, old);
      isAway = true;
    }
    renameSync(fresh, place);
  } catch (error) {
    rmSync(fresh, { force: true });
    if (isAway) renameSync(old, place);
    throw error;
  }
  if (isAway) rmSync(old, { recursive: true });
}

function nameBeside(folder: string): Buffer {
  return toBuffer(below(folder, `.cloche-${randomBytes(8).toString("hex")}`));
}

function writeNew(file: Buffer, content: Buffer, mode: number): void {
  const fd = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    for (let at = 0; at < content.length; ) at += writeSync(fd, content, at);
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}

/** Removes what is in a directory and was not made anew in it. */
function removeOthers(root: Bytes, directory: Bytes, others: ReadonlyMap<Bytes, Change>): void {
  const fd = openDirectory(root, directory);
  try {
    for (const name of readdirSync(`/proc/self/fd/${fd}`, { encoding: "latin1" })) {
      const path = below(directory, name);
      if (others.has(path)) continue;
      if (kindAt(root, path) === "directory" && [...others.keys()].some((other) => other.startsWith(`${path}/`))) removeOthers(root, path, others);
      else rmSync(toBuffer(below(`/proc/self/fd/${fd}`, name)), { recursive: true, force: true });
    }
  } finally {
    closeSync(fd);
  }
}

/** Opens a directory of the tree, made when it is not there. */
function openMade(root: Bytes, path: Bytes): number {
  try {
    return openDirectory(root, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || path === "") throw error;
  }
  const parent = openMade(root, parentOf(path));
  try {
    mkdirSync(toBuffer(below(`/proc/self/fd/${parent}`, nameOf(path))), 0o755);
  } finally {
    closeSync(parent);
  }
  return openDirectory(root, path);
}
