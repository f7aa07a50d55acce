import type { Plugin } from "../plugin.ts";
import { didYouMean } from "../support/suggest.ts";
import { fail } from "./failures.ts";

/** What anything may be asked for by the language's own machinery. */
const HARMLESS = ["then", "toJSON", "constructor"];

/** Options for a plugin that did not come with cloche: asking for one that it does not have throws PLUGIN_OPTION_UNKNOWN. */
export function guardedOptions<O>({ options, file, name: plugin }: Plugin, values: O): O {
  if (typeof values !== "object" || values === null) return values;
  const known = Object.keys(options.shape);
  return new Proxy(values, {
    get(target, name) {
      if (typeof name === "symbol" || name in target || known.includes(name) || HARMLESS.includes(name)) return Reflect.get(target, name) as unknown;
      throw fail("PLUGIN_OPTION_UNKNOWN", { file: file ?? `"${plugin}"`, option: name, suggestion: didYouMean(name, known), known });
    },
  });
}
