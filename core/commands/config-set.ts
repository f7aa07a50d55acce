import { valueOfText } from "../config/values.ts";
import { change } from "./change.ts";
import type { Invocation } from "./command.ts";
import { optionNamed } from "./option-named.ts";

/** `cloche config set KEY VALUE`. */
export default async function setConfiguration(invocation: Invocation): Promise<number> {
  const [key = "", text = ""] = invocation.words;
  const { option, plugins } = await optionNamed(invocation, key);
  return await change(invocation, option, valueOfText(option, text, "The command line"), plugins);
}
