import { escapeLine, escapeText } from "../support/escape.ts";
import { withoutSecrets } from "../support/log.ts";

/** Text for people: no secrets, nothing that a terminal would obey. */
export function safeText(text: string): string {
  return withoutSecrets(escapeText(text));
}

const NEEDS_ESCAPE = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** JSON for programs: no secrets, and also harmless when it lands on a terminal. */
export function jsonText(value: unknown): string {
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return withoutSecrets(JSON.stringify(value, undefined, 2)).replace(NEEDS_ESCAPE, escaped);
}

/** Rows as aligned columns, each cell one safe line; the last column is not padded. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const safe = rows.map((row) => row.map(escapeLine));
  const widths: number[] = [];
  for (const row of safe) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  return safe.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ").trimEnd()).join("\n");
}

/** An amount of bytes as people read it, such as "12 kB" or "3.4 MB" (powers of 1000). */
export function byteCount(bytes: number): string {
  for (const [unit, size] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]] as const) {
    if (bytes >= size) return `${(bytes / size).toFixed(bytes >= 100 * size ? 0 : 1)} ${unit}`;
  }
  return `${bytes} B`;
}
