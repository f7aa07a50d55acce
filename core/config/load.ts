import type { z } from "zod";
import type { Plugin } from "../plugin.ts";
import { check, isSwitchedOn } from "./check.ts";
import { entriesOf, type Configuration, type ConfiguredPlugin } from "./configuration.ts";
import { directories } from "./directories.ts";
import { fail } from "./failures.ts";
import { DEFAULT, describeSource, merge, type Layer, type Merged } from "./layers.ts";
import { optionsOf, sectionsOf } from "./options.ts";
import { environmentLayers, overrideLayers, type Override } from "./overrides.ts";
import { projectLayer } from "./project-file.ts";
import { coreOptions, hostDefaults, type IMAGE, type MACHINE } from "./sections.ts";
import { holdToTrust, type Ask } from "./trust.ts";
import { userLayers } from "./user-file.ts";

/** What a configuration is made from. */
export interface Loading {
  /** Real path of the project; undefined where only the user's own configuration counts. */
  readonly project: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly overrides: readonly Override[];
  /** Every plugin there is, enabled or not. */
  readonly plugins: readonly Plugin[];
  /** "start" refuses what a project may not ask for and what cannot be enabled; "show" only reports it. */
  readonly purpose: "start" | "show";
}

/**
 * Finds, reads, judges and merges all layers, and checks the result once. Throws a failure that names file and key for whatever is
 * wrong; when it is for starting also CONFIG_UNTRUSTED and PLUGIN_UNAVAILABLE.
 */
export async function loadConfiguration(loading: Loading): Promise<Configuration> {
  const sections = sectionsOf(loading.plugins);
  const options = optionsOf(sections);
  const above = [...environmentLayers(loading.env, options), ...overrideLayers(loading.overrides, options)];
  const directory = directories(loading.env).config;
  const user = await userLayers(directory, loading.project);
  const below: Layer[] = [{ source: DEFAULT, values: hostDefaults() }, ...user];
  const answers = [...user.filter(({ source }) => source.kind === "user, this project"), ...above];

  const asked = loading.project === undefined ? undefined : await projectLayer(loading.project);
  const judged = asked && holdToTrust(asked, { plugins: loading.plugins, options, below, answers });
  const merged = merge([...below, ...(judged ? [judged.inForce] : []), ...above]);

  const isOn = (plugin: Plugin) => isSwitchedOn(merged, plugin.name, plugin.onByDefault);
  const incomplete = (section: string) => loading.plugins.some((plugin) => plugin.section === section && !isOn(plugin));
  const checked = check(merged, { sections, incomplete });
  const plugins = loading.plugins.map((plugin) => configured(plugin, isOn(plugin), merged, checked));
  const asks = judged?.asks ?? [];
  if (loading.purpose === "start") {
    refuseAsks(asks, loading.project ?? "", directory);
    refuseUnavailable(plugins);
  }
  return {
    core: coreOptions(checked.get("image") as z.output<typeof IMAGE>, checked.get("machine") as z.output<typeof MACHINE>),
    plugins,
    asks,
    options,
    sourceOf: (path) => merged.sourceOf(path),
    entries: () => entriesOf(options, checked, merged, plugins),
  };
}

function configured(plugin: Plugin, enabled: boolean, merged: Merged, checked: ReadonlyMap<string, unknown>): ConfiguredPlugin {
  return { plugin, enabled, source: merged.sourceOf(["plugins", plugin.name]), options: checked.get(plugin.section) };
}

function refuseAsks(asks: readonly Ask[], project: string, directory: string): void {
  const [first] = asks;
  if (!first) return;
  throw fail("CONFIG_UNTRUSTED", {
    file: first.file,
    project,
    userFile: `${directory}/config.json`,
    asks: asks.map(({ key, value }) => `${key}: ${short(JSON.stringify(value))}`),
    commands: asks.map(({ key, value }) => `cloche config set ${key} ${shellQuoted(value)}`),
  });
}

const LONGEST_SHOWN = 200;

function short(text: string): string {
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

/** The project chose the value, and the user may copy the line into a shell. */
function shellQuoted(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const isShowable = text.length <= LONGEST_SHOWN && !/[\u0000-\u001f]/.test(text);
  return isShowable ? `'${text.replaceAll("'", "'\\''")}'` : "…";
}

function refuseUnavailable(plugins: readonly ConfiguredPlugin[]): void {
  for (const { plugin, enabled, source } of plugins) {
    if (!enabled || plugin.unavailable === undefined) continue;
    throw fail("PLUGIN_UNAVAILABLE", { name: plugin.name, reason: plugin.unavailable, where: describeSource(source) });
  }
}
