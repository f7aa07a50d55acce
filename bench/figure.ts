/** What a figure is counted in. */
export type Unit = "ms" | "s" | "MB" | "requests" | "MB/s" | "/s";

/** Another figure of the same run that a figure is compared with. */
export interface Baseline {
  /** Name of the other figure. */
  readonly of: string;
  /** Largest or smallest ratio that is wanted. */
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** One figure of the table: its samples, or why it was not taken. */
export interface Figure {
  readonly name: string;
  readonly unit: Unit;
  readonly samples: readonly number[];
  /** Why there are no samples. */
  readonly missing?: string;
  /** What is wanted at most, on two cores under software emulation. */
  readonly target?: number;
  readonly baseline?: Baseline;
}

/** The middle sample, or the mean of the two middle ones. */
export function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** A figure's ratio to its baseline, by their medians; undefined when one of them was not measured. */
export function ratioOf({ samples, baseline }: Figure, figures: readonly Figure[]): number | undefined {
  const other = figures.find(({ name }) => name === baseline?.of);
  return samples.length === 0 || !other || other.samples.length === 0 ? undefined : median(samples) / median(other.samples);
}

/** The figures as lines for people; with an earlier run, how the medians changed since. */
export function table(figures: readonly Figure[], earlier?: readonly Figure[]): string {
  const head = ["figure", "median", "least", "most", "runs", "wanted", "ratio", "to", ...(earlier ? ["earlier", "change"] : [])];
  const rows = [head, ...figures.map((figure) => [...row(figure, figures), ...(earlier ? change(figure, earlier) : [])])];
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const isText = (column: number) => column === 0 || head[column] === "to";
  return rows.map((cells) => cells.map((cell, column) => (isText(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ").trimEnd()).join("\n");
}

function row(figure: Figure, figures: readonly Figure[]): readonly string[] {
  const { name, unit, samples, missing, target } = figure;
  const wanted = target === undefined ? "" : `≤ ${target} ${unit}`;
  const ratio = ratioColumns(figure, figures);
  if (samples.length === 0) return [`${name} (${missing ?? "no reason given"})`, "not measured", "", "", "", wanted, ...ratio];
  return [name, show(median(samples), unit), show(Math.min(...samples), unit), show(Math.max(...samples), unit), String(samples.length), wanted, ...ratio];
}

function ratioColumns(figure: Figure, figures: readonly Figure[]): readonly string[] {
  const { baseline } = figure;
  if (!baseline) return ["", ""];
  const ratio = ratioOf(figure, figures);
  const wanted = baseline.atMost !== undefined ? ` (≤ ${baseline.atMost})` : baseline.atLeast !== undefined ? ` (≥ ${baseline.atLeast})` : "";
  return [`${ratio === undefined ? "not measured" : ratio.toFixed(2)}${wanted}`, baseline.of];
}

function change({ name, unit, samples }: Figure, earlier: readonly Figure[]): readonly string[] {
  const before = earlier.find((figure) => figure.name === name && figure.samples.length > 0);
  if (!before) return ["not measured", ""];
  const middle = median(before.samples);
  return [show(middle, unit), samples.length === 0 ? "" : `× ${(median(samples) / middle).toFixed(2)}`];
}

function show(value: number, unit: Unit): string {
  return `${value < 10 && unit !== "ms" && unit !== "requests" ? value.toFixed(2) : value.toFixed(unit === "ms" || unit === "requests" ? 0 : 1)} ${unit}`;
}
