import { tableText } from "../cli/output.ts";
import type { Configuration, ConfiguredPlugin } from "../config/configuration.ts";
import { describeSource } from "../config/layers.ts";
import { showable, showableText } from "../config/show.ts";
import { valueAt } from "../config/values.ts";
import type { Invocation } from "./command.ts";
import { configurationToShow, pluginOf } from "./context.ts";

/** `cloche plugin list`: each plugin or one, who switched it on or off, and its options. */
export default async function listPlugins(invocation: Invocation): Promise<number> {
  const configuration = await configurationToShow(invocation);
  const { io, flags, words: [name] } = invocation;
  const one = name === undefined ? undefined : pluginOf(name, configuration.plugins.map(({ plugin }) => plugin));
  const plugins = configuration.plugins.filter(({ plugin }) => one === undefined || plugin === one);
  if (flags.has("json")) io.printJson(plugins.map((configured) => forPrograms(configured, configuration)));
  else for (const configured of plugins) io.print(forPeople(configured, configuration));
  return 0;
}

function forPeople(configured: ConfiguredPlugin, configuration: Configuration): string {
  const { plugin, enabled, source } = configured;
  const rows = optionsOf(configured, configuration).map(({ option, value }) => [`  ${option.key}`, showableText(option, value), option.description]);
  const lines = [`${plugin.name}: ${enabled ? "on" : "off"} (${describeSource(source)})`, `  ${plugin.description}`];
  if (plugin.unavailable !== undefined) lines.push(`  Cannot be enabled: ${plugin.unavailable}`);
  return [...lines, ...(rows.length > 0 ? [tableText(rows)] : [])].join("\n");
}

function forPrograms(configured: ConfiguredPlugin, configuration: Configuration): unknown {
  const { plugin, enabled, source } = configured;
  const options = optionsOf(configured, configuration).map(({ option, value }) => ({
    key: option.key,
    value: showable(option, value),
    source: configuration.sourceOf(option.path),
    description: option.description,
  }));
  return { name: plugin.name, enabled, source, description: plugin.description, unavailable: plugin.unavailable, options };
}

function optionsOf({ plugin, options: values }: ConfiguredPlugin, { options }: Configuration) {
  return options
    .filter(({ path }) => path[0] === plugin.section)
    .map((option) => ({ option, value: valueAt(values, option.path.slice(1)) ?? option.fallback }));
}
