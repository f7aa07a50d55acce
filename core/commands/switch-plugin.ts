import { discoverPlugins } from "../config/discover.ts";
import { optionsOf, sectionsOf } from "../config/options.ts";
import { optionOf } from "../config/overrides.ts";
import { change } from "./change.ts";
import type { Invocation } from "./command.ts";
import { pluginOf } from "./context.ts";

/** Writes that a plugin is on or off. */
export async function switchPlugin(invocation: Invocation, enabled: boolean): Promise<number> {
  const plugins = await discoverPlugins();
  const { name } = pluginOf(invocation.words[0] ?? "", plugins);
  return await change(invocation, optionOf(`plugins.${name}`, optionsOf(sectionsOf(plugins))), enabled, plugins);
}
