import { editsBetween, linesOf, type Edit } from "./lines.ts";

const CONTEXT = 3;
const LOOKED_AT = 8000;

/** A part of a patch that can be accepted alone. */
export interface Hunk {
  readonly edits: readonly Edit[];
  /** As diff -u writes it. */
  readonly text: string;
}

/** Whether a content is text that can be shown line by line. */
export function isText(content: Buffer): boolean {
  return !content.subarray(0, LOOKED_AT).includes(0) && new TextDecoder("utf-8").decode(content).indexOf("\ufffd") === -1;
}

/** The hunks that make the second text of the first. */
export function hunksBetween(before: string, after: string): readonly Hunk[] {
  const [one, other] = [linesOf(before), linesOf(after)];
  const groups: Edit[][] = [];
  let end = -Infinity;
  for (const edit of editsBetween(one, other)) {
    if (edit.at - end <= 2 * CONTEXT) groups.at(-1)?.push(edit);
    else groups.push([edit]);
    end = edit.at + edit.remove;
  }
  let shift = 0;
  return groups.map((edits) => {
    const text = hunkText(one, edits, shift);
    shift += edits.reduce((sum, { remove, insert }) => sum + insert.length - remove, 0);
    return { edits, text };
  });
}

function hunkText(lines: readonly string[], edits: readonly Edit[], shift: number): string {
  const [first, last] = [edits[0], edits.at(-1)];
  if (!first || !last) return "";
  const start = Math.max(0, first.at - CONTEXT);
  const end = Math.min(lines.length, last.at + last.remove + CONTEXT);
  const body: string[] = [];
  let at = start;
  for (const { at: here, remove, insert } of edits) {
    body.push(...lines.slice(at, here).map((line) => ` ${line}`));
    body.push(...lines.slice(here, here + remove).map((line) => `-${line}`), ...insert.map((line) => `+${line}`));
    at = here + remove;
  }
  body.push(...lines.slice(at, end).map((line) => ` ${line}`));
  const grown = edits.reduce((sum, { remove, insert }) => sum + insert.length - remove, 0);
  const range = (from: number, count: number) => `${count === 0 ? from : from + 1},${count}`;
  const closed = body.map((line) => (line.endsWith("\n") ? line : `${line}\n\\ No newline at end of file\n`)).join("");
  return `@@ -${range(start, end - start)} +${range(start + shift, end - start + grown)} @@\n${closed}`;
}
