/** The part of a line that fits into so many columns. What is not ASCII counts double, so that nothing ever wraps. */
export function fitted(text: string, columns: number): string {
  let width = 0;
  let end = 0;
  for (const character of text) {
    width += character.charCodeAt(0) < 0x80 ? 1 : 2;
    if (width > columns) return text.slice(0, end);
    end += character.length;
  }
  return text;
}

/** A time as people say it: "7 s", "2 min 05 s". */
export function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** A part of the whole, "43 %". */
export function percent(fraction: number): string {
  return `${Math.floor(Math.min(Math.max(fraction, 0), 1) * 100)} %`;
}
