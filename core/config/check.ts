import { z } from "zod";
import { didYouMean } from "../support/suggest.ts";
import { fail } from "./failures.ts";
import { describeSource, type Merged } from "./layers.ts";
import { bareType } from "./options.ts";
import { isRaw, valueAt } from "./values.ts";

const MOST_PROBLEMS = 20;

/** What a check needs to know besides the values. */
export interface Checking {
  readonly sections: ReadonlyMap<string, z.ZodType>;
  /** Sections whose options need not be complete: those of plugins that are off. */
  readonly incomplete: (section: string) => boolean;
}

/** The sections, checked and with their defaults filled in. Throws CONFIG_INVALID, naming for each problem its file and key. */
export function check(merged: Merged, { sections, incomplete }: Checking): ReadonlyMap<string, unknown> {
  const problems = Object.keys(merged.values)
    .filter((name) => name !== "$schema" && !sections.has(name))
    .map((name) => problem(merged, [name], unknownKey([...sections.keys()], name)));
  const checked = new Map<string, unknown>();
  for (const [name, schema] of sections) {
    const given = merged.values[name];
    // once for each: to compile a check for later takes longer than this one
    const result = schema.safeParse(given ?? (schema instanceof z.ZodObject ? {} : undefined), { jitless: true });
    if (result.success) checked.set(name, result.data);
    for (const issue of result.error?.issues ?? []) {
      const path = [name, ...issue.path];
      if (incomplete(name) && valueAt(merged.values, path.map(String)) === undefined) continue;
      problems.push(...explain(issue, path, schema, name).map(([at, text]) => problem(merged, at, text)));
    }
  }
  if (problems.length > 0) throw fail("CONFIG_INVALID", { problems: problems.slice(0, MOST_PROBLEMS) });
  return checked;
}

type Explained = readonly [path: readonly PropertyKey[], text: string];

function explain(issue: z.core.$ZodIssue, path: readonly PropertyKey[], schema: z.ZodType, section: string): readonly Explained[] {
  if (issue.code === "unrecognized_keys") {
    const known = keysAt(schema, issue.path);
    return issue.keys.map((key) => [[...path, key], section === "plugins" ? unknownPlugin(known, key) : unknownKey(known, key)]);
  }
  return [[path, issue.message]];
}

function unknownKey(known: readonly string[], key: string): string {
  return `there is no such option.${didYouMean(key, known)}${known.length > 0 ? ` There are: ${known.join(", ")}.` : ""}`;
}

function unknownPlugin(known: readonly string[], name: string): string {
  return `there is no such plugin.${didYouMean(name, known)} There are: ${known.join(", ")}.`;
}

function problem(merged: Merged, path: readonly PropertyKey[], text: string): string {
  const source = merged.nearest(path);
  const where = source.kind === "default" ? "missing in your configuration" : describeSource(source);
  return `${where}: ${path.map(shown).join(".")}: ${text}`;
}

function shown(name: PropertyKey): string {
  const text = String(name);
  return /^[\w-]+$/.test(text) ? text : JSON.stringify(text);
}

/** The keys that the schema knows at a path below it. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let present = bareType(schema);
  for (const name of path) {
    const below = step(present, name);
    if (below === undefined) return [];
    present = bareType(below);
  }
  return present instanceof z.ZodObject ? Object.keys(present.shape) : [];
}

function step(schema: z.ZodType, name: PropertyKey): z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return schema.shape[String(name)] as z.ZodType | undefined;
  if (schema instanceof z.ZodArray) return schema.def.element as z.ZodType;
  if (schema instanceof z.ZodRecord) return schema.def.valueType as z.ZodType;
  return undefined;
}

/** Whether the merged values switch a plugin on, before they are checked; for whether its options must be complete. */
export function isSwitchedOn(merged: Merged, name: string, onByDefault: boolean): boolean {
  const given = isRaw(merged.values["plugins"]) ? valueAt(merged.values, ["plugins", name]) : undefined;
  return given === undefined ? onByDefault : given === true;
}
