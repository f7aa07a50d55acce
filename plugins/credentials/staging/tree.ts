import { readdirSync, realpathSync, statSync, type Dirent } from "node:fs";
import { join, sep } from "node:path";
import { readBounded } from "./read.ts";

/** One file of a tree. */
export interface TreeFile {
  /** Path below the tree, parts joined by slashes. */
  readonly name: string;
  readonly content: Buffer;
  readonly executable: boolean;
}

/** What a tree holds, and what of it is left out; `refused` says why the whole of it is. */
export interface Tree {
  readonly files: readonly TreeFile[];
  readonly left: readonly { readonly name: string; readonly why: string }[];
  readonly refused?: string;
  readonly missing?: boolean;
}

const MOST_FILES = 5000;
const MOST_BYTES = 32 << 20;
const LARGEST_FILE = 8 << 20;
const DEEPEST = 16;

class Refusal extends Error {}

/**
 * Reads a directory tree below `root`, the real path that no link may lead out of. A link within is followed; one that leads out is
 * left out, and one that leads back up refuses the whole, as does a tree that is too large or too deep.
 */
export function readTree(root: string, folder: string): Tree {
  const files: TreeFile[] = [];
  const left: { name: string; why: string }[] = [];
  let bytes = 0;

  function take(path: string, name: string): void {
    const reading = readBounded(path, LARGEST_FILE);
    if ("why" in reading) return void left.push({ name, why: reading.why });
    bytes += reading.content.length;
    if (bytes > MOST_BYTES) throw new Refusal(`it holds more than ${MOST_BYTES >> 20} MiB`);
    files.push({ name, content: reading.content, executable: (reading.mode & 0o111) !== 0 });
    if (files.length > MOST_FILES) throw new Refusal(`it holds more than ${MOST_FILES} files`);
  }

  function follow(path: string, name: string, above: readonly string[]): void {
    const real = realOf(path);
    if (real === undefined) return void left.push({ name, why: "it is a link to nothing" });
    if (!isInside(real, root)) return void left.push({ name, why: "it is a link that leads out of your configuration" });
    if (above.some((each) => each === real || isInside(each, real))) throw new Refusal(`"${name}" is a link in a circle`);
    if (statSync(real).isDirectory()) walk(real, name, [...above, real]);
    else take(real, name);
  }

  function walk(path: string, prefix: string, above: readonly string[]): void {
    if (above.length > DEEPEST) throw new Refusal(`it is more than ${DEEPEST} directories deep`);
    for (const entry of sorted(path)) {
      const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
      const here = join(path, entry.name);
      if (entry.isSymbolicLink()) follow(here, name, above);
      else if (entry.isDirectory()) walk(here, name, [...above, here]);
      else if (entry.isFile()) take(here, name);
      else left.push({ name, why: "it is not a plain file" });
    }
  }

  try {
    const real = realpathSync(folder);
    if (real !== root && !isInside(real, root)) return { files: [], left: [], refused: "it is a link that leads out of your configuration" };
    walk(real, "", [real]);
    return { files, left };
  } catch (error) {
    if (error instanceof Refusal) return { files: [], left, refused: error.message };
    const { code = "" } = error as NodeJS.ErrnoException;
    return { files: [], left, refused: `it cannot be read (${code})`, ...(code === "ENOENT" && { missing: true }) };
  }
}

/** Whether a real path lies below another. */
export function isInside(path: string, folder: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function sorted(folder: string): readonly Dirent[] {
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
