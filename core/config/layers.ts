import { isRaw, valueAt, type Raw } from "./values.ts";

/** Where a value comes from, from the weakest to the strongest. */
export type SourceKind = "default" | "user" | "user, this project" | "project" | "environment" | "command line";

/** One place that gives values; `where` is its file, variable or argument, empty for defaults. */
export interface Source {
  readonly kind: SourceKind;
  readonly where: string;
}

/** What one source says. */
export interface Layer {
  readonly source: Source;
  readonly values: Raw;
}

export const DEFAULT: Source = { kind: "default", where: "" };

/** All layers as one, and who gave what. */
export interface Merged {
  readonly values: Raw;
  /** Who gave the value at this path; the default when nobody did. */
  sourceOf(path: readonly string[]): Source;
  /** Who gave the value at this path, or the nearest thing around it: whom to tell of a problem there. */
  nearest(path: readonly PropertyKey[]): Source;
}

/** Lays the layers over each other, the strongest last: objects are merged, lists and scalars replaced. */
export function merge(layers: readonly Layer[]): Merged {
  const sources = new Map<string, Source>();
  const values: Record<string, unknown> = {};
  for (const layer of layers) lay(values, layer.values, [], layer.source, sources);
  const nearest = (path: readonly PropertyKey[]): Source => {
    for (let length = path.length; length > 0; length -= 1) {
      const source = sources.get(keyOf(path.slice(0, length)));
      if (source) return source;
    }
    return DEFAULT;
  };
  return { values, nearest, sourceOf: (path) => (valueAt(values, path) === undefined ? DEFAULT : nearest(path)) };
}

function lay(target: Record<string, unknown>, values: Raw, path: readonly string[], source: Source, sources: Map<string, Source>): void {
  for (const [name, value] of Object.entries(values)) {
    const here = [...path, name];
    if (isRaw(value)) {
      const present = Object.hasOwn(target, name) ? target[name] : undefined;
      const below: Record<string, unknown> = isRaw(present) ? present : {};
      if (below !== present) sources.set(keyOf(here), source);
      target[name] = below;
      lay(below, value, here, source, sources);
    } else {
      sources.set(keyOf(here), source);
      target[name] = value;
    }
  }
}

function keyOf(path: readonly PropertyKey[]): string {
  return JSON.stringify(path.map(String));
}

/** A source as a reader wants to see it. */
export function describeSource(source: Source): string {
  switch (source.kind) {
    case "default":
      return "default";
    case "user, this project":
      return `${source.where}, under projects`;
    case "environment":
      return `${source.where} in the environment`;
    case "command line":
      return `${source.where} on the command line`;
    case "user":
    case "project":
      return source.where;
  }
}
