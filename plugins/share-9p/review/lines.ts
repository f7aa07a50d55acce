/** A place where two texts differ: so many lines of the first, from `at`, become these. */
export interface Edit {
  readonly at: number;
  readonly remove: number;
  readonly insert: readonly string[];
}

// Beyond this many differences finding the fewest takes too long; then all between the first and the last one is one edit.
const MOST_DIFFERENCES = 800;

/** The lines of a text, each with its end of line. */
export function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** The edits that make the second text of the first, by Myers' algorithm ("An O(ND) Difference Algorithm", 1986). */
export function editsBetween(one: readonly string[], other: readonly string[]): readonly Edit[] {
  let start = 0;
  while (start < one.length && start < other.length && one[start] === other[start]) start++;
  let ends = 0;
  while (ends < one.length - start && ends < other.length - start && one[one.length - 1 - ends] === other[other.length - 1 - ends]) ends++;
  const middle = one.slice(start, one.length - ends);
  const instead = other.slice(start, other.length - ends);
  if (middle.length === 0 && instead.length === 0) return [];
  const pairs = commonPairs(middle, instead);
  const edits: Edit[] = [];
  let [x, y] = [0, 0];
  for (const [nextX, nextY] of [...pairs, [middle.length, instead.length] as const]) {
    if (nextX > x || nextY > y) edits.push({ at: start + x, remove: nextX - x, insert: instead.slice(y, nextY) });
    [x, y] = [nextX + 1, nextY + 1];
  }
  return edits;
}

/** The text after edits, which are in order and do not overlap. */
export function applyEdits(lines: readonly string[], edits: readonly Edit[]): readonly string[] {
  const result: string[] = [];
  let at = 0;
  for (const edit of edits) {
    result.push(...lines.slice(at, edit.at), ...edit.insert);
    at = edit.at + edit.remove;
  }
  return [...result, ...lines.slice(at)];
}

/** Both sides' edits of the same text in one; undefined where they touch the same lines or stand side by side. */
export function mergeEdits(ours: readonly Edit[], theirs: readonly Edit[]): readonly Edit[] | undefined {
  const same = (one: Edit, other: Edit) => one.at === other.at && one.remove === other.remove && one.insert.join("") === other.insert.join("");
  const added = theirs.filter((edit) => !ours.some((own) => same(own, edit)));
  for (const one of ours) {
    for (const other of added) if (one.at <= other.at + other.remove && other.at <= one.at + one.remove) return undefined;
  }
  return [...ours, ...added].sort((one, other) => one.at - other.at);
}

/** Pairs of indexes of lines that both texts keep. */
function commonPairs(one: readonly string[], other: readonly string[]): readonly (readonly [number, number])[] {
  const most = Math.min(one.length + other.length, MOST_DIFFERENCES);
  let reached = new Map<number, number>([[1, 0]]);
  const steps: Map<number, number>[] = [];
  for (let depth = 0; depth <= most; depth++) {
    steps.push(new Map(reached));
    for (let k = -depth; k <= depth; k += 2) {
      const down = k === -depth || (k !== depth && (reached.get(k - 1) ?? 0) < (reached.get(k + 1) ?? 0));
      let x = down ? (reached.get(k + 1) ?? 0) : (reached.get(k - 1) ?? 0) + 1;
      while (x < one.length && x - k < other.length && one[x] === other[x - k]) x++;
      reached.set(k, x);
      if (x >= one.length && x - k >= other.length) return walkBack(steps, one.length, other.length);
    }
    reached = new Map(reached);
  }
  return [];
}

function walkBack(steps: readonly ReadonlyMap<number, number>[], endX: number, endY: number): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = [];
  let [x, y] = [endX, endY];
  for (let depth = steps.length - 1; depth >= 0; depth--) {
    const reached = steps[depth] ?? new Map<number, number>();
    const k = x - y;
    const down = k === -depth || (k !== depth && (reached.get(k - 1) ?? 0) < (reached.get(k + 1) ?? 0));
    const before = down ? k + 1 : k - 1;
    const beforeX = reached.get(before) ?? 0;
    const beforeY = beforeX - before;
    const startX = down ? beforeX : beforeX + 1;
    while (x > startX) pairs.push([--x, --y]);
    [x, y] = [beforeX, beforeY];
  }
  return pairs.reverse();
}
