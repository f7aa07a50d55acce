import { didYouMean } from "../support/suggest.ts";
import { fail } from "./failures.ts";
import type { Layer, SourceKind } from "./layers.ts";
import type { Option } from "./options.ts";
import { valueOfText, withValue } from "./values.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** One option given on the command line; `argument` is what the user typed, such as `--memory`. */
export interface Override {
  readonly key: string;
  readonly text: string;
  readonly argument: string;
}

/** Variables with our prefix that are not options: other parts read them. */
const OTHER_VARIABLES = /^CLOCHE_(NODE|TEST|BENCH|INTERNAL)(_|$)/;

/** Variables that also go by a shorter name. */
const SHORT_NAMES: Readonly<Record<string, string>> = { CLOCHE_TEMPLATE: "CLOCHE_MACHINE_TEMPLATE" };

/** What the environment says: each CLOCHE_… variable is an option. An unknown one is an error, as a misspelt option in a file is. */
export function environmentLayers(env: Environment, options: readonly Option[]): readonly Layer[] {
  const byVariable = new Map(options.map((option) => [option.variable, option]));
  return Object.entries(env).flatMap(([variable, text]) => {
    if (!variable.startsWith("CLOCHE_") || text === undefined || OTHER_VARIABLES.test(variable)) return [];
    const option = byVariable.get(SHORT_NAMES[variable] ?? variable);
    if (option) return [layerOf("environment", option, text, variable)];
    throw fail("CONFIG_VARIABLE_UNKNOWN", { variable, suggestion: didYouMean(variable, [...byVariable.keys()]) });
  });
}

/** What the command line says, the last word strongest. */
export function overrideLayers(overrides: readonly Override[], options: readonly Option[]): readonly Layer[] {
  return overrides.map(({ key, text, argument }) => layerOf("command line", optionOf(key, options), text, argument));
}

/** The option with this key; throws CONFIG_OPTION_UNKNOWN with what was probably meant. */
export function optionOf(key: string, options: readonly Option[]): Option {
  const option = options.find((candidate) => candidate.key === key);
  if (option) return option;
  const keys = options.map((candidate) => candidate.key);
  if (key.startsWith("plugins.")) {
    const known = keys.filter((one) => one.startsWith("plugins.")).map((one) => one.slice("plugins.".length));
    const name = key.slice("plugins.".length);
    throw fail("PLUGIN_UNKNOWN", { name, suggestion: didYouMean(name, known), known: known.join(", ") });
  }
  const section = key.split(".", 1)[0] ?? "";
  const near = keys.filter((known) => known.startsWith(`${section}.`));
  const known = near.length > 0 ? near : [...new Set(options.map(({ path }) => `${path[0]}.…`))];
  throw fail("CONFIG_OPTION_UNKNOWN", { key, suggestion: didYouMean(key, keys), known: known.join(", ") });
}

function layerOf(kind: SourceKind, option: Option, text: string, where: string): Layer {
  return { source: { kind, where }, values: withValue({}, option.path, valueOfText(option, text, where)) };
}
