import { below, parentOf, type Bytes } from "../tree/bytes.ts";
import { readBeneath } from "../tree/beneath.ts";
import { kindAt } from "../tree/look.ts";

const LARGEST_INDEX = 64 * 2 ** 20;
const LONGEST_GIT_FILE = 4096;
const SIGN = "UNTR";

/**
 * Whether the index of a repository that has its tree in a directory may hold a cache of untracked files, which git, told what changed,
 * would go by for all that it was not told of. It may where the sign of one stands anywhere in it, or where it cannot be read.
 */
export function mayCacheUntracked(root: Bytes, directory: Bytes): boolean {
  const git = gitDirectoryOf(root, below(directory, ".git"));
  if (git === undefined) return true;
  const file = below(git, "index");
  if (kindAt(root, file) === "nothing") return false;
  const index = readBeneath(root, file, LARGEST_INDEX);
  return index === undefined || index.length === LARGEST_INDEX || index.includes(SIGN);
}

/** Where the repository is, when it is in the tree; a further worktree and a submodule say so in a file. */
function gitDirectoryOf(root: Bytes, git: Bytes): Bytes | undefined {
  if (kindAt(root, git) === "directory") return git;
  const target = /^gitdir: ([^\n\r]+)\n$/.exec(readBeneath(root, git, LONGEST_GIT_FILE)?.toString("latin1") ?? "")?.[1];
  if (target === undefined) return undefined;
  if (target.startsWith("/")) return target.startsWith(`${root}/`) ? target.slice(root.length + 1) : undefined;
  let at = parentOf(git);
  for (const part of target.split("/")) {
    if (part === ".." && at === "") return undefined;
    at = part === ".." ? parentOf(at) : below(at, part);
  }
  return at;
}
