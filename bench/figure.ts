/** One figure of the table: its samples, or why it was not taken. */
export interface Figure {
  readonly name: string;
  readonly unit: "ms" | "MB" | "s";
  readonly samples: readonly number[];
  /** Why there are no samples. */
  readonly missing?: string;
  /** What issue 2 asks for, on two cores under software emulation. */
  readonly target?: number;
}

/** The middle sample, or the mean of the two middle ones. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The figures as lines for people. */
export function table(figures: readonly Figure[]): string {
  const rows = [["figure", "median", "least", "most", "runs", "wanted"], ...figures.map(row)];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  return rows.map((cells) => cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ").trimEnd()).join("\n");
}

function row({ name, unit, samples, missing, target }: Figure): readonly string[] {
  const wanted = target === undefined ? "" : `≤ ${target} ${unit}`;
  if (samples.length === 0) return [`${name} (${missing ?? "no reason given"})`, "not measured", "", "", "", wanted];
  const show = (value: number) => `${unit === "ms" ? value.toFixed(0) : value.toFixed(1)} ${unit}`;
  return [name, show(median(samples)), show(Math.min(...samples)), show(Math.max(...samples)), String(samples.length), wanted];
}
