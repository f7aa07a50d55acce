import { isFrozenName } from "../report/signs.ts";
import type { Bytes } from "../tree/bytes.ts";
import { parentOf, below } from "../tree/bytes.ts";
import { follow } from "../tree/look.ts";
import type { Change } from "./change.ts";

const IN_GIT = /(^|\/)\.git\/((modules|worktrees)\/.*)?(config(\.worktree)?|hooks(\/.*)?|info\/attributes|commondir|gitdir)$/;

/** Why a change is applied only when the user asks for just that; undefined when there is no reason. `target` is where a link leads. */
export function consentNeeded(root: Bytes, changes: ReadonlyMap<Bytes, Change>, { path, kind }: Change, target?: Bytes): string | undefined {
  if (isFrozenName(path)) return "runs by itself on the host";
  if (IN_GIT.test(path)) return "git runs what it says";
  if (isOfNewRepository(changes, path)) return "is of a repository that was not there";
  if (kind !== "link" || target === undefined) return undefined;
  const leadsOut = target.startsWith("/") ? !`${target}/`.startsWith(`${root}/`) : follow(root, below(parentOf(path), target)).path === undefined;
  return leadsOut ? "leads out of the project" : undefined;
}

/** Whether it lies in a `.git`, or in a directory with a HEAD, that the session made. */
function isOfNewRepository(changes: ReadonlyMap<Bytes, Change>, path: Bytes): boolean {
  for (let above = path; above !== ""; above = parentOf(above)) {
    const isGit = above === ".git" || above.endsWith("/.git");
    const change = changes.get(above);
    if (isGit && change !== undefined && (change.base.kind === "nothing" || change.replaces || change.kind !== "directory")) return true;
    if (changes.get(below(above, "HEAD"))?.base.kind === "nothing" && changes.has(below(above, "objects"))) return true;
  }
  return false;
}
