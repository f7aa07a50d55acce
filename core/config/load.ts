import type { z } from "zod";
import type { Plugin } from "../plugin.ts";
import { checkNeeds, inOrder } from "../plugin-order.ts";
import type { Considered, Decision } from "../trust/consider.ts";
import type { TrustRequest } from "../trust/request.ts";
import type { Wishes } from "../wishes.ts";
import { check, isSwitchedOn } from "./check.ts";
import { entriesOf, type Configuration, type ConfiguredPlugin } from "./configuration.ts";
import { directories } from "./directories.ts";
import { fail } from "./failures.ts";
import { frozenFiles } from "./frozen.ts";
import { DEFAULT, describeSource, merge, type Layer, type Merged } from "./layers.ts";
import { optionsOf, sectionsOf, type Option } from "./options.ts";
import { environmentLayers, overrideLayers } from "./overrides.ts";
import type { PROVISION } from "./provision-section.ts";
import { CORE_SECTIONS, coreOptions, hostDefaults, type AGENT, type IMAGE, type MACHINE, type TERMINAL } from "./sections.ts";
import { loadedByUser, readSources, type Place, type Sources } from "./sources.ts";
import { beyondOf, type Judging } from "./trust.ts";
import { valueAt } from "./values.ts";

/** What a configuration is made from. */
export interface Loading extends Place {
  /** Every plugin that comes with cloche, enabled or not. */
  readonly plugins: readonly Plugin[];
  /** "start" refuses what cannot be enabled; "show" only reports it; "judge" is for what the project asks for, and loads none of its code. */
  readonly purpose: "start" | "show" | "judge";
  /** The hash of what the project asks for, when the user grants it for this start. */
  readonly trust?: string | undefined;
  /** Asks the user about what the project asks for; without it, that is not in force. */
  readonly decide?: ((request: TrustRequest) => Promise<Decision>) | undefined;
}

/**
 * Finds, reads, judges and merges all layers, loads the plugins from outside, and checks the result once. Throws a failure that names
 * file and key for whatever is wrong; when it is for starting also PLUGIN_UNAVAILABLE, and those of plugins that do not fit together.
 */
export async function loadConfiguration(loading: Loading): Promise<Configuration> {
  const sources = await readSources(loading);
  const own = [...loading.plugins, ...(await fromOutside(sources, loading))];
  const below: Layer[] = [{ source: DEFAULT, values: hostDefaults() }, ...sources.user];
  const judging = { plugins: own, options: optionsOf(sectionsOf(own)), below, isAnswered: answeredIn(sources, loading) };
  const considered = await judge(sources, judging, loading);
  const plugins = [...own, ...(considered?.plugins ?? []).filter(({ name }) => !isUsersOwn(name, own))];
  if (plugins.length > own.length) (await import("../outside/check-names.ts")).checkNames(own, plugins.slice(own.length), Object.keys(CORE_SECTIONS));

  const sections = sectionsOf(plugins);
  const options = optionsOf(sections);
  const above = [...environmentLayers(loading.env, options), ...overrideLayers(loading.overrides, options)];
  const merged = merge([...below, ...(considered ? [considered.layer] : []), ...above]);
  const isOn = (plugin: Plugin) => isSwitchedOn(merged, plugin.name, plugin.onByDefault);
  const incomplete = (section: string) => plugins.some((plugin) => plugin.section === section && !isOn(plugin));
  const checked = check(merged, { sections, incomplete });
  const configured = plugins.map((plugin) => configuredPlugin(plugin, isOn(plugin), merged, checked));
  if (loading.purpose === "start") refuseUnfit(configured);
  return {
    core: coreOptions(checked.get("image") as z.output<typeof IMAGE>, checked.get("machine") as z.output<typeof MACHINE>, checked.get("terminal") as z.output<typeof TERMINAL>),
    wishes: wishesOf(checked, merged, loading.project ?? "/", sources.directory),
    plugins: configured,
    trust: considered,
    frozen: frozenFiles(loading.project, considered?.request),
    askedNow: () => hashNow(loading, judging),
    options,
    sourceOf: (path) => merged.sourceOf(path),
    entries: () => entriesOf(options, checked, merged, configured),
  };
}

async function fromOutside(sources: Sources, loading: Loading): Promise<readonly Plugin[]> {
  if (loadedByUser(sources, loading).specifiers.length === 0) return [];
  const [{ userPlugins }, { checkNames }] = await Promise.all([import("../outside/user-plugins.ts"), import("../outside/check-names.ts")]);
  const outside = await userPlugins(sources, loading);
  checkNames(loading.plugins, outside, Object.keys(CORE_SECTIONS));
  return outside;
}

async function judge({ asked }: Sources, judging: Judging, { project, env, trust, decide, purpose }: Loading): Promise<Considered | undefined> {
  if (asked === undefined || project === undefined) return undefined;
  const { consider } = await import("../trust/consider.ts");
  return await consider({ project, asked, judging, state: directories(env).state, given: trust, decide, isOnlyJudged: purpose === "judge" });
}

/** The hash of what the project asks for by now; empty when it asks nothing. */
async function hashNow(loading: Loading, judging: Judging): Promise<string> {
  const { asked } = await readSources(loading);
  const beyond = asked ? beyondOf(asked, judging) : [];
  if (asked === undefined || loading.project === undefined || beyond.length === 0) return "";
  const { requestOf } = await import("../trust/request.ts");
  return (await requestOf(loading.project, asked.source.where, beyond)).hash;
}

function wishesOf(checked: ReadonlyMap<string, unknown>, merged: Merged, project: string, directory: string): Wishes {
  const isProjects = merged.sourceOf(["provision"]).kind === "project";
  return {
    tools: (checked.get("image") as z.output<typeof IMAGE>).tools,
    sudo: (checked.get("agent") as z.output<typeof AGENT>).sudo,
    provision: { steps: checked.get("provision") as z.output<typeof PROVISION>, directory: isProjects ? project : directory, isProjects },
  };
}

/** Of two plugins of a name, his and one that a project brings, the user's own is meant. */
function isUsersOwn(name: string, own: readonly Plugin[]): boolean {
  return own.some((plugin) => plugin.name === name && plugin.file !== undefined);
}

function answeredIn({ user }: Sources, { env, overrides }: Loading): (option: Option) => boolean {
  const mine = user.filter(({ source }) => source.kind === "user, this project");
  return ({ path, key, variable }) =>
    mine.some(({ values }) => valueAt(values, path) !== undefined) || env[variable] !== undefined || overrides.some((given) => given.key === key);
}

function configuredPlugin(plugin: Plugin, enabled: boolean, merged: Merged, checked: ReadonlyMap<string, unknown>): ConfiguredPlugin {
  return { plugin, enabled, source: merged.sourceOf(["plugins", plugin.name]), options: checked.get(plugin.section) };
}

function refuseUnfit(plugins: readonly ConfiguredPlugin[]): void {
  for (const { plugin, enabled, source } of plugins) {
    if (!enabled || plugin.unavailable === undefined) continue;
    throw fail("PLUGIN_UNAVAILABLE", { name: plugin.name, reason: plugin.unavailable, where: describeSource(source) });
  }
  const enabled = plugins.filter((one) => one.enabled).map(({ plugin }) => plugin);
  const known = plugins.map(({ plugin }) => plugin.name);
  checkNeeds(enabled, known);
  inOrder(enabled, known);
}
