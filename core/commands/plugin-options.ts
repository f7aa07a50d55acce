import type { Invocation } from "./command.ts";

/** A plugin's own options as they are for this project, checked; for the commands that a plugin brings. */
export async function pluginOptions(invocation: Invocation, plugin: string): Promise<unknown> {
  const { configurationToShow } = await import("./context.ts");
  const { plugins } = await configurationToShow(invocation);
  return plugins.find((each) => each.plugin.name === plugin)?.options;
}
