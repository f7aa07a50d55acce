import { realpath } from "node:fs/promises";
import { sep } from "node:path";
import { fail, named, type SavedKind } from "../suspend/failures.ts";
import { listSaved, readSaved, type Saved } from "../suspend/store.ts";
import type { Invocation } from "./command.ts";

/**
 * The session on the disk of this name; without one the only suspended one, or the latest snapshot, of the project that the user stands
 * in. Throws SAVED_UNKNOWN, SAVED_AMBIGUOUS or SAVED_DAMAGED.
 */
export async function savedOf({ directory }: Pick<Invocation, "directory">, kind: SavedKind, name: string | undefined, state: string): Promise<Saved> {
  if (name !== undefined) return await readSaved(state, kind, name);
  const here = await realpath(directory).catch(() => directory);
  const all = await listSaved(state, kind);
  const [one, ...others] = all.filter(({ project }) => here === project || here.startsWith(project + sep));
  if (!one) throw fail("SAVED_UNKNOWN", { ...named(kind, ""), known: all.map((known) => known.name) });
  if (kind === "suspended" && others.length > 0) throw fail("SAVED_AMBIGUOUS", { what: "suspended session", names: [one, ...others].map((known) => known.name) });
  return one;
}
