import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { openParent } from "../tree/beneath.ts";
import { below, nameOf, toBuffer, type Bytes } from "../tree/bytes.ts";
import type { Base } from "./change.ts";

const MOST_LISTED = 50_000;
const NOTHING: Base = { kind: "nothing", executable: false, hash: "" };

/** What stands at a path of the project now, and a file's content. No link is followed, whoever swaps one in. */
export function standsAt(root: Bytes, path: Bytes): { readonly base: Base; readonly content?: Buffer } {
  let parent: number;
  try {
    parent = openParent(root, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP") return { base: NOTHING };
    throw error;
  }
  try {
    return standsIn(below(`/proc/self/fd/${parent}`, nameOf(path)));
  } finally {
    closeSync(parent);
  }
}

function standsIn(place: Bytes): { readonly base: Base; readonly content?: Buffer } {
  const stat = lstatSync(toBuffer(place), { throwIfNoEntry: false });
  if (stat === undefined) return { base: NOTHING };
  if (stat.isSymbolicLink()) return { base: { kind: "link", executable: false, hash: sha256(readlinkSync(toBuffer(place), "buffer")) } };
  if (stat.isDirectory()) return { base: { kind: "directory", executable: false, hash: listHash(place) } };
  if (!stat.isFile()) return { base: { kind: "other", executable: false, hash: "" } };
  const fd = openSync(toBuffer(place), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const content = readFileSync(fd);
    return { base: { kind: "file", executable: (fstatSync(fd).mode & 0o111) !== 0, hash: sha256(content) }, content };
  } finally {
    closeSync(fd);
  }
}

/** Of what lies in a directory: names, sizes and times, so that what is removed with it is what was seen. */
function listHash(place: Bytes): string {
  const hash = createHash("sha256");
  const waiting = [place];
  let count = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of readdirSync(toBuffer(folder), { encoding: "latin1" }).sort()) {
      const path = below(folder, entry);
      const stat = lstatSync(toBuffer(path), { throwIfNoEntry: false });
      if (stat?.isDirectory()) waiting.push(path);
      hash.update(`${path.slice(place.length)}\0${stat?.isDirectory() ? "" : `${stat?.size} ${stat?.mtimeMs}`}\0`, "latin1");
      if (++count > MOST_LISTED) return "too many";
    }
  }
  return hash.digest("hex");
}

/** SHA-256 in hexadecimal. */
export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
