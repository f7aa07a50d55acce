import { ClocheError, messageOf } from "../support/errors.ts";
import { escapeLine } from "../support/escape.ts";
import { Interrupted } from "../support/interrupted.ts";
import { FAILED_STATUS, ReaderGone } from "./ending.ts";
import { safeText } from "./output.ts";

/** Exit status when the command line is wrong. */
const USAGE_STATUS = 2;

/** What the user reads of an error: what happened, what to do next, the code, and briefly what was behind it; a bug with its stack. */
export function reportOf(error: unknown, bold: (text: string) => string = (text) => text): string {
  const { first, later } = partsOf(error);
  const lines = first instanceof ClocheError ? failureLines(first, bold) : bugLines(first, bold);
  for (const other of later) lines.push(`  While cleaning up: ${brief(other)}`);
  return lines.join("\n");
}

/** The exit status that an error of ours ends with. */
export function statusOf(error: unknown): number {
  const { first } = partsOf(error);
  if (first instanceof Interrupted || first instanceof ReaderGone) return first.exitStatus;
  return first instanceof ClocheError && first.code.startsWith("USAGE_") ? USAGE_STATUS : FAILED_STATUS;
}

/** Whether the error only says that the user wanted an end, and that end went well. */
export function isInterruption(error: unknown): boolean {
  const { first, later } = partsOf(error);
  return (first instanceof Interrupted || first instanceof ReaderGone) && later.length === 0;
}

/** What came first, and what failed while it was being undone, which `await using` wraps around it. */
export function partsOf(error: unknown): { readonly first: unknown; readonly later: readonly unknown[] } {
  const later: unknown[] = [];
  let first = error;
  while (isSuppressed(first)) {
    later.push(...flat(first.error));
    first = first.suppressed;
  }
  const [head, ...others] = flat(first);
  return { first: head, later: [...others, ...later] };
}

/** The single failures of a teardown, whose steps may themselves have had several. */
function flat(error: unknown): readonly unknown[] {
  if (!(error instanceof AggregateError) || error.errors.length === 0) return [error];
  return error.errors.flatMap((one: unknown) => flat(one));
}

// Node 22 has no SuppressedError of its own; compiled code brings one that only has the name
function isSuppressed(error: unknown): error is Error & { readonly error: unknown; readonly suppressed: unknown } {
  return error instanceof Error && error.name === "SuppressedError" && "suppressed" in error && "error" in error;
}

const MOST_CAUSES = 4;

function failureLines(error: ClocheError, bold: (text: string) => string): string[] {
  const lines = [`${bold("cloche:")} ${safeText(error.message)}`, ...safeText(error.hint).split("\n").map((line) => `  ${line}`)];
  let cause = error.cause;
  let shown = safeText(error.message);
  for (let depth = 0; depth < MOST_CAUSES && cause !== undefined; depth += 1) {
    const text = brief(cause);
    if (!shown.includes(text)) lines.push(`  Because: ${text}`);
    shown += text;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  lines.push(`  (${error.code})`);
  return lines;
}

function bugLines(error: unknown, bold: (text: string) => string): string[] {
  const stack = error instanceof Error ? (error.stack ?? error.message) : `thrown: ${String(error)}`;
  return [
    `${bold("cloche:")} This is a bug in cloche, not something that you did.`,
    safeText(stack),
    "  Please report it with these lines; CONTRIBUTING.md says where. DEBUG=cloche:* shows more.",
  ];
}

const LONGEST_BRIEF = 300;

function brief(error: unknown): string {
  const text = escapeLine(safeText(messageOf(error)).split("\n", 1)[0] ?? "");
  return text.length > LONGEST_BRIEF ? `${text.slice(0, LONGEST_BRIEF)}…` : text;
}
