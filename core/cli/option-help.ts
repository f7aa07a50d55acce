import type { CommandSpec } from "./table.ts";

/** Whether a command is about options, so that its help lists them. */
export function isAboutOptions({ name }: CommandSpec): boolean {
  return name.startsWith("config ");
}

/**
 * Every option there is, those of the plugins that the user loads among them, for the help. What keeps them from being listed, such
 * as a mistake in the user's configuration, is said in their place.
 */
export async function optionHelp(env: Readonly<Record<string, string | undefined>>): Promise<string> {
  const [{ loadConfiguration }, { discoverPlugins }, { messageOf }, { tableText }] = await Promise.all([
    import("../config/load.ts"),
    import("../config/discover.ts"),
    import("../support/errors.ts"),
    import("./output.ts"),
  ]);
  try {
    const { options } = await loadConfiguration({ project: undefined, env, overrides: [], plugins: await discoverPlugins(), purpose: "show" });
    const rows = options.map(({ key, description }) => [`  ${key}`, description]);
    return `\nOptions, for "config set", --set and, in capitals with CLOCHE_ before them, variables:\n${tableText(rows)}`;
  } catch (error) {
    return `\nThe options cannot be listed: ${messageOf(error)}`;
  }
}
