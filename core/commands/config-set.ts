import { discoverPlugins } from "../config/discover.ts";
import { optionsOf, sectionsOf } from "../config/options.ts";
import { optionOf } from "../config/overrides.ts";
import { valueOfText } from "../config/values.ts";
import { change } from "./change.ts";
import type { Invocation } from "./command.ts";

/** `cloche config set KEY VALUE`. */
export default async function setConfiguration(invocation: Invocation): Promise<number> {
  const [key = "", text = ""] = invocation.words;
  const plugins = await discoverPlugins();
  const option = optionOf(key, optionsOf(sectionsOf(plugins)));
  return await change(invocation, option, valueOfText(option, text, "The command line"), plugins);
}
