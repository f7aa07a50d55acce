import { closeSync, constants, openSync, readdirSync, readSync } from "node:fs";
import { below, nameOf, parentOf, toBuffer, type Bytes } from "../tree/bytes.ts";
import { follow, kindAt } from "../tree/look.ts";
import type { Places } from "./find.ts";

const LONGEST_GIT_FILE = 4096;
const MOST = 2000;

/** Directories that git keeps a repository in, as paths of the tree, and those that it keeps of further worktrees. */
export interface Repositories {
  readonly repositories: readonly Bytes[];
  readonly worktrees: readonly Bytes[];
}

/** The repositories of a tree: each `.git`, what a `.git` file names within the tree, bare ones, and those of submodules in them. */
export function findRepositories(root: Bytes, places: Places): Repositories {
  const found = new Set<Bytes>();
  const worktrees = new Set<Bytes>();
  const waiting = [...places.gits.flatMap((git) => directoryOf(root, git)), ...places.heads];
  for (let path = waiting.pop(); path !== undefined && found.size < MOST; path = waiting.pop()) {
    const directory = follow(root, path).path;
    if (directory === undefined || directory === "" || found.has(directory)) continue;
    if (nameOf(path) !== ".git" && !looksLikeOne(root, directory)) continue;
    found.add(directory);
    waiting.push(...modulesIn(root, below(directory, "modules")));
    for (const name of directoriesIn(root, below(directory, "worktrees"))) worktrees.add(below(directory, `worktrees/${name}`));
  }
  // What a `.git` file of a worktree names looks like a repository of its own, and is none.
  return { repositories: [...found].filter((path) => !worktrees.has(path)), worktrees: [...worktrees] };
}

/** The repository's directory that a `.git` stands for, when it lies in the tree. */
function directoryOf(root: Bytes, git: Bytes): Bytes[] {
  const { path } = follow(root, git);
  if (path === undefined) return [];
  const kind = kindAt(root, path);
  if (kind === "directory") return [path];
  const target = kind === "file" ? /^gitdir: ([^\n\r]+)/.exec(startOf(below(root, path)))?.[1] : undefined;
  if (target === undefined) return [];
  if (!target.startsWith("/")) return [below(parentOf(path), target)];
  return target.startsWith(`${root}/`) ? [target.slice(root.length + 1)] : [];
}

function looksLikeOne(root: Bytes, directory: Bytes): boolean {
  return kindAt(root, below(directory, "objects")) === "directory" && kindAt(root, below(directory, "HEAD")) !== "nothing";
}

/** Submodules' repositories; their names may have several parts. */
function modulesIn(root: Bytes, modules: Bytes): Bytes[] {
  const found: Bytes[] = [];
  const waiting = [modules];
  for (let folder = waiting.pop(); folder !== undefined && found.length < MOST; folder = waiting.pop()) {
    for (const name of directoriesIn(root, folder)) {
      const path = below(folder, name);
      if (kindAt(root, below(path, "HEAD")) === "nothing") waiting.push(path);
      else found.push(path);
    }
  }
  return found;
}

function directoriesIn(root: Bytes, folder: Bytes): Bytes[] {
  if (kindAt(root, folder) !== "directory") return [];
  const entries = readdirSync(toBuffer(below(root, folder)), { encoding: "latin1", withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

function startOf(file: Bytes): Bytes {
  const fd = openSync(toBuffer(file), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(LONGEST_GIT_FILE);
    return buffer.toString("latin1", 0, readSync(fd, buffer, 0, buffer.length, 0));
  } finally {
    closeSync(fd);
  }
}
