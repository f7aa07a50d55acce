import { NOT_SEARCHED } from "../frozen/names.ts";
import type { Bytes } from "../tree/bytes.ts";
import { search, type Searched } from "../tree/search.ts";

/** Something in the tree that is newer than a moment. */
export interface Entry {
  readonly path: Bytes;
  readonly type: "file" | "directory" | "link" | "other";
  /** Permission bits. */
  readonly mode: number;
  /** Where a link leads. */
  readonly target: Bytes;
}

const DEADLINE_MS = 6_000;
const TYPES = { f: "file", d: "directory", l: "link" } as const;

// The time of change of status, which only the kernel sets. A `.git` and a HEAD are listed whatever their age, since moving a
// directory makes it no newer. What is not searched is listed itself when it is newer, and not entered.
const SEARCH = `
since=$1
shift
find . -mindepth 1 -type d "$@" -prune -newerct "@$since" -printf '%y %m %P\\0%l\\0' -o -name .git -printf '%y %m %P\\0%l\\0' -prune \\
  -o -name HEAD -printf '%y %m %P\\0%l\\0' -o -newerct "@$since" -printf '%y %m %P\\0%l\\0'
`;

/** What was made or changed in the tree since a moment (ms since 1970), and every `.git` and HEAD. No link is followed. */
export async function changesSince(root: Bytes, since: number): Promise<{ readonly entries: readonly Entry[]; readonly incomplete: Searched["incomplete"] }> {
  const names = NOT_SEARCHED.flatMap((name, index) => [...(index > 0 ? ["-o"] : []), "-name", name]);
  const { fields, incomplete } = await search(root, SEARCH, [(since / 1000).toFixed(3), "(", ...names, ")"], DEADLINE_MS);
  const entries: Entry[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [, type = "", mode = "", path = ""] = /^(.) (\d+) ([^]*)$/.exec(fields[index] ?? "") ?? [];
    entries.push({ path, type: TYPES[type as keyof typeof TYPES] ?? "other", mode: Number.parseInt(mode, 8), target: fields[index + 1] ?? "" });
  }
  return { entries, incomplete };
}
