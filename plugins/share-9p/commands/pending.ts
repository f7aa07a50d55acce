import { directories, escapeLine, projectOf, type Invocation } from "../../../core/index.ts";
import { fail } from "../failures.ts";
import { consentNeeded } from "../review/consent.ts";
import { standingOf, type Standing } from "../review/apply.ts";
import type { Change } from "../review/change.ts";
import { ChangeStore } from "../review/store.ts";
import { bytesOf, textOf, type Bytes } from "../tree/bytes.ts";

/** The changes that a command is about. */
export interface Pending {
  readonly root: Bytes;
  readonly store: ChangeStore;
}

/** The changes of the session that `--session` names, or of the only one. Throws SHARE_NO_CHANGES or SHARE_CHANGES_AMBIGUOUS. */
export async function pendingOf(invocation: Invocation): Promise<Pending> {
  const [pending, ...others] = await allPending(invocation);
  const project = await projectOf(invocation);
  if (pending === undefined) throw fail("SHARE_NO_CHANGES", { project, session: invocation.flags.value("session") });
  if (others.length > 0) throw fail("SHARE_CHANGES_AMBIGUOUS", { sessions: [pending, ...others].map(({ store }) => store.session) });
  return pending;
}

/** The same, of a session that has ended, so that nothing is added while we look. Throws SHARE_CHANGES_OPEN too. */
export async function closedOf(invocation: Invocation): Promise<Pending> {
  const pending = await pendingOf(invocation);
  if (pending.store.isOpen) throw fail("SHARE_CHANGES_OPEN", { session: pending.store.session });
  return pending;
}

/** The changes of all sessions of the project, or of the one that `--session` names. */
export async function allPending(invocation: Invocation): Promise<readonly Pending[]> {
  const project = await projectOf(invocation);
  const name = invocation.flags.value("session");
  const stores = ChangeStore.all(directories(invocation.env).state, project);
  const wanted = stores.filter((store) => store.changes.size > 0 && (name === undefined || store.session === name));
  return wanted.map((store) => ({ root: bytesOf(project), store }));
}

/** The changes at and below the paths that were named, or all. Throws SHARE_CHANGE_UNKNOWN. */
export function chosen({ store }: Pending, words: readonly string[]): readonly Change[] {
  const all = [...store.changes.values()].sort((one, other) => (one.path < other.path ? -1 : 1));
  if (words.length === 0) return all;
  const paths = words.map((word) => bytesOf(word.replace(/\/+$/, "").replace(/^\.\//, "")));
  for (const [index, path] of paths.entries()) {
    if (!all.some((change) => isAt(change, path))) throw fail("SHARE_CHANGE_UNKNOWN", { path: words[index] ?? "" });
  }
  return all.filter((change) => paths.some((path) => isAt(change, path)));
}

function isAt(change: Change, path: Bytes): boolean {
  return change.path === path || change.path.startsWith(`${path}/`);
}

/** A change's content: a file's, or where a link leads. */
export function contentOf({ store }: Pending, { blob }: Change): Buffer {
  return blob === undefined ? Buffer.alloc(0) : store.vault.read(blob);
}

/** How a change stands, and why it takes consent. */
export function standing(pending: Pending, change: Change): { readonly standing: Standing; readonly consent: string | undefined } {
  const target = change.kind === "link" ? contentOf(pending, change).toString("latin1") : undefined;
  return { standing: standingOf(pending.root, change), consent: consentNeeded(pending.root, pending.store.changes, change, target) };
}

/** Whether it is of git's own data, such as objects and references, which nobody reads line by line. */
export function isGitData({ path }: Pick<Change, "path">): boolean {
  return /(^|\/)\.git\//.test(path);
}

/** A path for people. */
export function shown(path: Bytes): string {
  return escapeLine(textOf(path));
}
