/** Steps (insert, delete, replace, swap neighbours) from one word to another. */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const present = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const same = from[row - 1] === to[column - 1];
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      present[column] = Math.min(
        (above[column] ?? 0) + 1,
        (present[column - 1] ?? 0) + 1,
        (above[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[column - 2] ?? 0) + 1 : Infinity,
      );
    }
    before = above;
    above = present;
  }
  return above[to.length] ?? 0;
}

const LONGEST_WORD = 64;

/** The candidate that was probably meant by a mistyped word; undefined when none is near. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length === 0 || word.length > LONGEST_WORD) return undefined;
  const typed = word.toLowerCase();
  let best: { candidate: string; steps: number } | undefined;
  for (const candidate of candidates) {
    const meant = candidate.toLowerCase();
    const begun = typed.length > 2 && (meant.startsWith(typed) || typed.startsWith(meant));
    const steps = begun ? 1 : distance(typed, meant);
    if (steps <= Math.max(1, Math.floor(meant.length / 3)) && (!best || steps < best.steps)) best = { candidate, steps };
  }
  return best?.candidate;
}

/** " Did you mean "x"?" with a space before it, or nothing; for the end of a message. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = closest(word, candidates);
  return meant === undefined ? "" : ` Did you mean "${meant}"?`;
}
