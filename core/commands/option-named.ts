import { discoverPlugins } from "../config/discover.ts";
import { optionsOf, sectionsOf, type Option } from "../config/options.ts";
import { optionOf } from "../config/overrides.ts";
import type { Plugin } from "../plugin.ts";
import type { Invocation } from "./command.ts";
import { ownPlugins } from "./context.ts";

/** The option with this key, and the plugins there are. Those from outside are loaded only for an option of theirs: one of them may be broken. */
export async function optionNamed(invocation: Invocation, key: string): Promise<{ readonly option: Option; readonly plugins: readonly Plugin[] }> {
  const builtIn = await discoverPlugins();
  const option = optionsOf(sectionsOf(builtIn)).find((candidate) => candidate.key === key);
  if (option) return { option, plugins: builtIn };
  const plugins = await ownPlugins(invocation);
  return { option: optionOf(key, optionsOf(sectionsOf(plugins))), plugins };
}
