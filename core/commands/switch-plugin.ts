import { addModule } from "./add-module.ts";
import { change } from "./change.ts";
import type { Invocation } from "./command.ts";
import { optionNamed } from "./option-named.ts";

/** Writes that a plugin is on or off; one that is named by where it lies is added to what the user loads. */
export async function switchPlugin(invocation: Invocation, enabled: boolean): Promise<number> {
  const [word = ""] = invocation.words;
  const name = enabled ? await addModule(invocation, word) : word;
  const { option, plugins } = await optionNamed(invocation, `plugins.${name}`);
  return await change(invocation, option, enabled, plugins);
}
