import type { Plugin } from "../plugin.ts";
import type { Considered } from "../trust/consider.ts";
import type { Wishes } from "../wishes.ts";
import { valueAt } from "./values.ts";
import type { Merged, Source } from "./layers.ts";
import type { Option } from "./options.ts";
import type { CoreOptions } from "./sections.ts";

/** A plugin with what the configuration says of it. */
export interface ConfiguredPlugin {
  readonly plugin: Plugin;
  readonly enabled: boolean;
  /** Who switched it on or off. */
  readonly source: Source;
  /** Checked by the plugin's schema; of a plugin that is off, what is known. */
  readonly options: unknown;
}

/** One value of the resolved configuration, for showing it. */
export interface Entry {
  readonly option: Option;
  readonly value: unknown;
  readonly source: Source;
}

/** The resolved configuration: what every layer says together, checked. */
export interface Configuration {
  readonly core: CoreOptions;
  /** What is wanted without a plugin. */
  readonly wishes: Wishes;
  /** In the order in which the plugins were given. */
  readonly plugins: readonly ConfiguredPlugin[];
  /** What the project's file asks for, and the user's answer; undefined when it has no such file. */
  readonly trust: Considered | undefined;
  /** Absolute paths of the project, there or not, by which it speaks to cloche. */
  readonly frozen: readonly string[];
  /** Looks again: the hash of what the project asks for by now, empty when it is nothing. */
  askedNow(): Promise<string>;
  /** Every option there is, whether set or not. */
  readonly options: readonly Option[];
  /** Who gave the value at a path. */
  sourceOf(path: readonly string[]): Source;
  /** The core's options, the switches, and the options of plugins that are on or that somebody set. */
  entries(): readonly Entry[];
}

/** The entries to show of a checked configuration. */
export function entriesOf(
  options: readonly Option[],
  checked: ReadonlyMap<string, unknown>,
  merged: Merged,
  plugins: readonly ConfiguredPlugin[],
): readonly Entry[] {
  const off = new Set(plugins.filter(({ enabled }) => !enabled).map(({ plugin }) => plugin.section));
  return options.flatMap((option) => {
    const [section = "", ...path] = option.path;
    const source = merged.sourceOf(option.path);
    const value = valueAt(checked.get(section), path);
    return off.has(section) && source.kind === "default" ? [] : [{ option, value, source }];
  });
}
