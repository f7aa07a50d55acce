import { readdirSync } from "node:fs";
import type { HoldWish } from "../../../core/index.ts";
import { below, bytesOf, nameOf, parentOf, toBuffer, type Bytes } from "../tree/bytes.ts";
import { follow, kindAt } from "../tree/look.ts";
import type { Places } from "./find.ts";
import { FROZEN_IN_REPOSITORY, FROZEN_IN_WORKTREE, FROZEN_NAMES } from "./names.ts";
import { findRepositories } from "./repositories.ts";

/** What the user chose. */
export interface Choice {
  /** Whether anything is frozen besides the directories that are the guest's own. */
  readonly freeze: boolean;
  /** Names that are not frozen; ".git" stands for all of git's. */
  readonly except: readonly string[];
  /** Further paths of the project. */
  readonly also: readonly string[];
  /** Directories over which the guest mounts its own, and which it must not move away. */
  readonly local: readonly string[];
  /** Paths of the project that seem to be empty. */
  readonly masked?: readonly string[];
}

const IGNORE = ".gitignore";

type Placeholder = NonNullable<HoldWish["placeholder"]>;

/**
 * What to hold in a tree, parents first: all that is frozen, and each directory above, since whoever can rename one of those walks
 * round what lies in it. Looks at the tree as it is now.
 */
export function planHolds(root: Bytes, places: Places, choice: Choice): HoldWish[] {
  const wishes = new Wishes(root);
  for (const path of choice.local) wishes.pin(bytesOf(path));
  for (const path of choice.masked ?? []) wishes.mask(bytesOf(path));
  if (!choice.freeze) return wishes.inOrder();
  const chosen = FROZEN_NAMES.filter(({ path }) => !isExcepted(path, choice.except));
  for (const directory of places.directories) {
    for (const { path, notBeside, content } of chosen) {
      const standsIn = directory === "" && (notBeside === undefined || kindAt(root, notBeside) === "nothing");
      wishes.fix(below(directory, path), standsIn ? (content === undefined ? "directory" : { content }) : undefined);
      if (content !== undefined) wishes.hide(below(directory, path));
    }
  }
  for (const path of choice.also) wishes.fix(bytesOf(path), "directory");
  for (const path of places.files) wishes.fix(path, undefined);
  if (!choice.except.includes(".git")) freezeRepositories(root, places, wishes);
  return wishes.inOrder();
}

function freezeRepositories(root: Bytes, places: Places, wishes: Wishes): void {
  const { repositories, worktrees } = findRepositories(root, places);
  for (const git of places.gits) {
    if (kindAt(root, git) !== "directory") wishes.fix(git, undefined);
  }
  for (const repository of repositories) {
    for (const { path, stands } of FROZEN_IN_REPOSITORY) wishes.fixIn(repository, path, stands);
  }
  for (const worktree of worktrees) {
    for (const { path, stands } of FROZEN_IN_WORKTREE) wishes.fixIn(worktree, path, stands);
  }
}

function isExcepted(path: string, except: readonly string[]): boolean {
  return except.some((name) => path === name || path.startsWith(`${name}/`));
}

class Wishes {
  readonly #root: Bytes;
  readonly #fixed = new Map<Bytes, Placeholder | undefined>();
  readonly #made = new Set<Bytes>();
  readonly #pinned = new Set<Bytes>();
  readonly #masked = new Set<Bytes>();
  readonly #hidden = new Set<Bytes>();

  constructor(root: Bytes) {
    this.#root = root;
  }

  /** Fixes what is at the path, the links on the way to it, and, given a placeholder, the place of what is not there. */
  fix(path: Bytes, placeholder: Placeholder | undefined): void {
    const way = follow(this.#root, path);
    for (const link of way.links) this.#fixed.set(link, undefined);
    if (way.path === undefined || way.path === "") return;
    const isThere = kindAt(this.#root, way.path) !== "nothing";
    if (isThere) this.#fixed.set(way.path, undefined);
    else if (placeholder) this.#standIn(way.path, placeholder);
  }

  /** Masks what is at the path, if anything is; where it leads if it is a link, which is fixed then. */
  mask(path: Bytes): void {
    const way = follow(this.#root, path);
    for (const link of way.links) this.#fixed.set(link, undefined);
    if (way.path === undefined || way.path === "" || kindAt(this.#root, way.path) === "nothing") return;
    this.#fixed.set(way.path, undefined);
    this.#masked.add(way.path);
  }

  /** The same in a directory that others write in, so that nothing stands in for a directory on the way: it is made. */
  fixIn(directory: Bytes, path: Bytes, placeholder: Placeholder | undefined): void {
    const above = below(directory, parentOf(path));
    if (placeholder && parentOf(path) !== "" && kindAt(this.#root, above) === "nothing") {
      this.#made.add(above);
      this.#fixed.set(below(directory, path), placeholder);
    } else this.fix(below(directory, path), placeholder);
  }

  /** Has the directory stay where it is; it is made when it is not there. */
  pin(path: Bytes): void {
    const way = follow(this.#root, path).path;
    if (way !== undefined && way !== "") this.#pinned.add(way);
  }

  /** Has git take no notice of a file that stands in at the path, if one does. */
  hide(path: Bytes): void {
    const way = follow(this.#root, path).path;
    if (way !== undefined) this.#hidden.add(way);
  }

  inOrder(): HoldWish[] {
    this.#ignoreHidden();
    const fixed = [...this.#fixed].filter(([path]) => this.#masked.has(path) || !this.#isCovered(path));
    const wishes = new Map<Bytes, HoldWish>();
    for (const pinned of this.#pinned) {
      if (this.#fixed.has(pinned) || this.#isCovered(pinned)) continue;
      for (let path = pinned; path !== ""; path = parentOf(path)) wishes.set(path, { path, kind: "pinned", placeholder: "directory" });
    }
    for (const [path, placeholder] of fixed) {
      for (let above = parentOf(path); above !== "" && !this.#fixed.has(above); above = parentOf(above)) if (!wishes.has(above)) wishes.set(above, { path: above, kind: "pinned", ...(this.#made.has(above) && { placeholder: "directory" }) });
      if (this.#masked.has(path)) wishes.set(path, { path, kind: "masked" });
      else wishes.set(path, { path, kind: "fixed", ...(placeholder && { placeholder }) });
    }
    return [...wishes.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  /** Where the directory is not there either, or empty, that stands in for all that could be in it: one for all in `.cargo`. */
  #standIn(path: Bytes, placeholder: Placeholder): void {
    const above = parentOf(path);
    if (above === "" || isInUse(this.#root, above)) this.#fixed.set(path, placeholder);
    else this.#standIn(above, "directory");
  }

  /** By a `.gitignore` beside them that ignores itself too; where the user has one of their own, that one says what git sees. */
  #ignoreHidden(): void {
    const names = new Map<Bytes, Bytes[]>();
    for (const path of this.#hidden) {
      const placeholder = this.#fixed.get(path);
      if (placeholder !== undefined && placeholder !== "directory") names.set(parentOf(path), [...(names.get(parentOf(path)) ?? []), nameOf(path)]);
    }
    for (const [directory, hidden] of names) this.fix(below(directory, IGNORE), { content: [IGNORE, ...hidden].map((name) => `/${name}\n`).join("") });
  }

  #isCovered(path: Bytes): boolean {
    for (let above = parentOf(path); above !== ""; above = parentOf(above)) {
      if (this.#fixed.has(above)) return true;
    }
    return false;
  }
}

/** Whether there is something in a directory. An empty one may be what stood in for it before. */
function isInUse(root: Bytes, directory: Bytes): boolean {
  return kindAt(root, directory) === "directory" && readdirSync(toBuffer(below(root, directory))).length > 0;
}
