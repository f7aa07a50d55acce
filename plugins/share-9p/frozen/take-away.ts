import { closeSync, constants, openSync, readFileSync, rmdirSync, unlinkSync } from "node:fs";
import { nameOf, toBuffer, type Bytes } from "../tree/bytes.ts";
import { openParent } from "../tree/beneath.ts";
import type { Placeholder } from "./placeholders.ts";

/** Removes placeholders that are still as they were made, deepest first; whatever else stands there by now stays. */
export function takeAway(project: Bytes, made: ReadonlyMap<Bytes, Placeholder>): void {
  for (const [path, placeholder] of [...made].sort(([one], [other]) => (one < other ? 1 : -1))) {
    try {
      remove(project, path, placeholder);
    } catch {
      continue; // somebody uses it, or took it away
    }
  }
}

function remove(project: Bytes, path: Bytes, placeholder: Placeholder): void {
  const parent = openParent(project, path);
  try {
    const place = toBuffer(`/proc/self/fd/${parent}/${nameOf(path)}`);
    if (placeholder === "directory") return rmdirSync(place);
    const fd = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      if (readFileSync(fd, "latin1") === placeholder.content) unlinkSync(place);
    } finally {
      closeSync(fd);
    }
  } finally {
    closeSync(parent);
  }
}
