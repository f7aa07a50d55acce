import type { Configuration } from "../config/configuration.ts";
import { discoverPlugins } from "../config/discover.ts";
import { fail } from "../config/failures.ts";
import { loadConfiguration } from "../config/load.ts";
import type { Override } from "../config/overrides.ts";
import type { Plugin } from "../plugin.ts";
import { ClocheError } from "../support/errors.ts";
import { didYouMean } from "../support/suggest.ts";
import type { TrustRequest } from "../trust/request.ts";
import type { Invocation } from "./command.ts";
import { overridesOf } from "./overrides-of.ts";
import { projectOf } from "./project-of.ts";
import { decideAt, ignoredLines, isAsked } from "./trust-words.ts";

/**
 * The project and its configuration, as a start needs them, and what of it was said on the command line. `former` was said when a session
 * that goes on was started, `known` is the project where that was looked for already. Throws when anything stands in the way of starting.
 */
export async function contextToStart(
  invocation: Invocation,
  former: readonly Override[] = [],
  known?: string,
): Promise<{ project: string; configuration: Configuration; overrides: readonly Override[] }> {
  const { env, flags, io } = invocation;
  const project = known ?? (await projectOf(invocation));
  const plugins = await discoverPlugins();
  const trust = flags.value("trust");
  let wasShown = false;
  const ask = async (request: TrustRequest) => {
    wasShown = true;
    return await decideAt(io, request);
  };
  const decide = isAsked(invocation) ? ask : undefined;
  const overrides = [...former, ...overridesOf(invocation)];
  const configuration = await loadConfiguration({ project, env, overrides, plugins, purpose: "start", trust, decide });
  for (const line of ignoredLines(configuration.trust, wasShown)) io.warn(line);
  return { project, configuration, overrides };
}

/** The configuration for looking at it: also without a project, and with a project's file that asks for too much, which is said. */
export async function configurationToShow(invocation: Invocation): Promise<Configuration> {
  const { io, env } = invocation;
  const project = await projectOf(invocation).catch((error: unknown) => {
    if (!(error instanceof ClocheError) || invocation.flags.has("directory")) throw error;
    io.warn(`${error.message} Only your own configuration is shown.`);
    return undefined;
  });
  const plugins = await discoverPlugins();
  const configuration = await loadConfiguration({ project, env, overrides: overridesOf(invocation), plugins, purpose: "show" });
  for (const line of ignoredLines(configuration.trust)) io.warn(line);
  return configuration;
}

/** Every plugin that could be meant where no project counts: those that come with cloche and those that the user loads. */
export async function ownPlugins({ env }: Invocation): Promise<readonly Plugin[]> {
  const { plugins } = await loadConfiguration({ project: undefined, env, overrides: [], plugins: await discoverPlugins(), purpose: "show" });
  return plugins.map(({ plugin }) => plugin);
}

/** The plugin of this name; throws PLUGIN_UNKNOWN with what was probably meant. */
export function pluginOf(name: string, plugins: readonly Plugin[]): Plugin {
  const plugin = plugins.find((candidate) => candidate.name === name);
  if (plugin) return plugin;
  const known = plugins.map((candidate) => candidate.name);
  throw fail("PLUGIN_UNKNOWN", { name, suggestion: didYouMean(name, known), known: known.join(", ") });
}
