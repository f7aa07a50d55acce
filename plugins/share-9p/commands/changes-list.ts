import { tableText, type Invocation } from "../../../core/index.ts";
import type { Change } from "../review/change.ts";
import { textOf } from "../tree/bytes.ts";
import { allPending, isGitData, shown, standing, type Pending } from "./pending.ts";

/** `cloche changes`: what there is to review. */
export default async function listChanges(invocation: Invocation): Promise<number> {
  const all = await allPending(invocation);
  const rows = all.flatMap((pending) => [...pending.store.changes.values()].map((change) => rowOf(pending, change)));
  if (invocation.flags.has("json")) invocation.io.printJson(rows);
  else if (rows.length === 0) invocation.io.print("There is nothing to review.");
  else for (const pending of all) invocation.io.print(inWords(pending, rows.filter(({ session }) => session === pending.store.session)));
  return 0;
}

function inWords(pending: Pending, rows: readonly Row[]): string {
  const isQuiet = (row: Row) => isGitData(row) && row.consent === undefined && row.standing !== "conflict";
  const quiet = rows.filter(isQuiet).length;
  const table = tableText(rows.filter((row) => !isQuiet(row)).sort(byPath).map(forPeople));
  return [headOf(pending), ...(table === "" ? [] : [table]), ...(quiet === 0 ? [] : [`  and ${quiet} paths of git's own data`])].join("\n");
}

function rowOf(pending: Pending, change: Change) {
  const { path, kind, size, base } = change;
  const what = kind === "nothing" ? "removed" : base.kind === "nothing" ? "new" : "changed";
  return { session: pending.store.session, path: textOf(path), kind: kind === "nothing" ? base.kind : kind, what, size, ...standing(pending, change) };
}

type Row = ReturnType<typeof rowOf>;

function byPath(one: Row, other: Row): number {
  return one.path < other.path ? -1 : 1;
}

function forPeople({ path, kind, what, size, standing: now, consent }: Row): readonly string[] {
  const notes = [now === "conflict" ? "you changed it too" : now === "done" ? "is so already" : "", consent ?? ""].filter((note) => note !== "");
  return ["", what, kind === "file" ? "" : kind, kind === "file" && what !== "removed" ? `${size} bytes` : "", shown(path), notes.join("; ")];
}

function headOf({ store }: Pending): string {
  return `Changes of the session ${store.session}, begun ${store.began}${store.isOpen ? ", so far" : ""}:`;
}
