import type { GuestFile } from "../../../core/index.ts";
import { isObject } from "./pick.ts";

/** A file of another plugin for the guest: as it is, or as values that win over what is staged from the host at the same path. */
export type LaidFile = GuestFile | { readonly path: string; readonly values: Readonly<Record<string, unknown>> };

/** What is staged from the host and what plugins add, as the files to write: one for each path, the plugins' over the host's. */
export function layOut(staged: readonly GuestFile[], laid: readonly LaidFile[]): readonly GuestFile[] {
  const files = new Map<string, GuestFile>(staged.map(({ path, content, mode }) => [path, { path, content, ...(mode !== undefined && { mode }) }]));
  for (const file of laid) {
    if ("content" in file) files.set(file.path, file);
    else files.set(file.path, { ...files.get(file.path), path: file.path, content: merged(files.get(file.path), file.values) });
  }
  return [...files.values()];
}

function merged(below: GuestFile | undefined, values: Readonly<Record<string, unknown>>): string {
  const base: unknown = below === undefined ? {} : JSON.parse(Buffer.from(below.content).toString("utf8"));
  return `${JSON.stringify(over(base, values), null, 2)}\n`;
}

function over(below: unknown, above: unknown): unknown {
  if (!isObject(below) || !isObject(above)) return above;
  const keys = [...new Set([...Object.keys(below), ...Object.keys(above)])];
  return Object.fromEntries(keys.map((key) => [key, Object.hasOwn(above, key) ? over(Object.hasOwn(below, key) ? below[key] : undefined, above[key]) : below[key]]));
}
