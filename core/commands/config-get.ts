import { tableText } from "../cli/output.ts";
import type { Entry } from "../config/configuration.ts";
import { describeSource } from "../config/layers.ts";
import { optionOf } from "../config/overrides.ts";
import { showable, showableText } from "../config/show.ts";
import type { Invocation } from "./command.ts";
import { configurationToShow } from "./context.ts";

/** `cloche config`: each value and where it comes from; all of them, one section, or one key. */
export default async function getConfiguration(invocation: Invocation): Promise<number> {
  const configuration = await configurationToShow(invocation);
  const { io, flags, words } = invocation;
  const [key] = words;
  const all = configuration.entries();
  const isWanted = ({ option }: Entry) => key === undefined || option.key === key || option.key.startsWith(`${key}.`);
  let entries = all.filter(isWanted);
  if (entries.length === 0 && key !== undefined) {
    const option = optionOf(key, configuration.options);
    entries = [{ option, value: option.fallback, source: configuration.sourceOf(option.path) }];
  }
  if (flags.has("json")) io.printJson(entries.map(forPrograms));
  else io.print(tableText(entries.map(({ option, value, source }) => [option.key, showableText(option, value), describeSource(source)])));
  const [only] = entries;
  if (only && entries.length === 1 && !flags.has("json")) io.print(`${only.option.description}. Variable: ${only.option.variable}`);
  return 0;
}

function forPrograms({ option, value, source }: Entry): unknown {
  return { key: option.key, value: showable(option, value) ?? null, source };
}
