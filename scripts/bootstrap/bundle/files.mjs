import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";

export function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** A file to be written, with its folder. V8 keeps a text with one character beyond Latin 1 in two bytes for each, so it has none. */
export function fileOf(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  return { path, text: text.replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, (comment) => comment.replace(/[^\x00-\xff]/g, "?")) };
}
