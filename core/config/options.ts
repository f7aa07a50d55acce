import { z } from "zod";
import type { Plugin } from "../plugin.ts";
import { CORE_SECTIONS } from "./sections.ts";

/** How the text of a variable or an argument becomes a value. */
export type OptionKind = "text" | "number" | "boolean" | "texts" | "json";

/** One option that can be set: by its key in a file, its variable in the environment, or --set on the command line. */
export interface Option {
  readonly path: readonly string[];
  /** The path with dots: `machine.memory`. */
  readonly key: string;
  /** `CLOCHE_MACHINE_MEMORY`. */
  readonly variable: string;
  readonly kind: OptionKind;
  readonly description: string;
  /** The value when nobody sets it. */
  readonly fallback: unknown;
  /** Its value is never shown. */
  readonly secret: boolean;
  readonly schema: z.ZodType;
}

/**
 * Every section of the configuration by its key: the core's own, the switches of the plugins, and the options of each plugin. A
 * section is an object of options, or one option by itself.
 */
export function sectionsOf(plugins: readonly Plugin[]): ReadonlyMap<string, z.ZodType> {
  const switches = plugins.map((plugin) => [plugin.name, z.boolean().default(plugin.onByDefault).describe(plugin.description)]);
  const sections = new Map<string, z.ZodType>([
    ...Object.entries(CORE_SECTIONS),
    ["plugins", z.strictObject(Object.fromEntries(switches) as Record<string, z.ZodType>).describe("Which plugins are enabled")],
  ]);
  for (const plugin of plugins) {
    if (sections.has(plugin.section) || plugin.section === "projects") {
      throw new Error(`two plugins want the section "${plugin.section}" of the configuration`);
    }
    sections.set(plugin.section, plugin.options.describe(plugin.description));
  }
  return sections;
}

/** Every option there is, in the order of the sections. */
export function optionsOf(sections: ReadonlyMap<string, z.ZodType>): readonly Option[] {
  return [...sections].flatMap(([name, schema]) => {
    const facts = factsOf(schema);
    return facts.bare instanceof z.ZodObject ? leaves([name], facts.bare) : [option([name], schema, facts)];
  });
}

function leaves(path: readonly string[], object: z.ZodObject): Option[] {
  // what is no option is not judged by the trust rule, so nothing else may pass the check
  if (!(object.def.catchall instanceof z.ZodNever)) throw new Error(`the options at ${path.join(".")} must be a z.strictObject`);
  return Object.entries(object.shape).flatMap(([name, schema]) => {
    const here = [...path, name];
    const facts = factsOf(schema as z.ZodType);
    return facts.bare instanceof z.ZodObject ? leaves(here, facts.bare) : [option(here, schema as z.ZodType, facts)];
  });
}

interface Facts {
  readonly bare: z.ZodType;
  readonly description: string;
  readonly fallback: unknown;
  readonly secret: boolean;
}

/** What a schema says of itself on any of its layers: optional, default and the like wrap the type proper. */
function factsOf(schema: z.ZodType): Facts {
  const meta = schema.meta() ?? {};
  const own = { description: meta.description ?? "", secret: meta["secret"] === true };
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return { ...inner(schema.def.innerType as z.ZodType, own), fallback: schema.def.defaultValue };
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodReadonly) {
    return inner(schema.def.innerType as z.ZodType, own);
  }
  if (schema instanceof z.ZodPipe) return inner(schema.def.in as z.ZodType, own);
  return { bare: schema, fallback: undefined, ...own };
}

function inner(schema: z.ZodType, outer: { description: string; secret: boolean }): Facts {
  const facts = factsOf(schema);
  return { ...facts, description: outer.description || facts.description, secret: outer.secret || facts.secret };
}

/** The type proper below optional, default and the like. */
export function bareType(schema: z.ZodType): z.ZodType {
  return factsOf(schema).bare;
}

function option(path: readonly string[], schema: z.ZodType, facts: Facts): Option {
  const { description, fallback, secret } = facts;
  return { path, key: path.join("."), variable: variableOf(path), kind: kindOf(facts.bare), description, fallback, secret, schema };
}

function kindOf(bare: z.ZodType): OptionKind {
  if (bare instanceof z.ZodString || bare instanceof z.ZodStringFormat || bare instanceof z.ZodEnum) return "text";
  if (bare instanceof z.ZodNumber) return "number";
  if (bare instanceof z.ZodBoolean) return "boolean";
  if (bare instanceof z.ZodArray && kindOf(bareType(bare.def.element as z.ZodType)) === "text") return "texts";
  return "json";
}

function variableOf(path: readonly string[]): string {
  const words = path.map((name) => name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/[^A-Za-z0-9]+/g, "_"));
  return ["CLOCHE", ...words].join("_").toUpperCase();
}
