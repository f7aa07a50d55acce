import type { Invocation } from "../../../core/index.ts";
import { chosen, closedOf } from "./pending.ts";

/** `cloche changes drop`: forgets changes. */
export default async function dropChanges(invocation: Invocation): Promise<number> {
  const pending = await closedOf(invocation);
  const dropped = chosen(pending, invocation.words);
  for (const { path } of dropped) pending.store.unset(path);
  if (pending.store.changes.size === 0) pending.store.drop();
  invocation.io.print(`${dropped.length === 1 ? "1 change" : `${dropped.length} changes`} dropped, ${pending.store.changes.size} left.`);
  return 0;
}
