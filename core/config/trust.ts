import { isDeepStrictEqual } from "node:util";
import type { Plugin } from "../plugin.ts";
import { merge, type Layer } from "./layers.ts";
import type { Option } from "./options.ts";
import { valueAt, withValue, type Raw } from "./values.ts";

/** Something that a project's file wants and that only the user may decide. */
export interface Ask {
  readonly key: string;
  readonly value: unknown;
  /** The project's file that asks. */
  readonly file: string;
}

/** What is known when the project's file is judged. */
export interface Judging {
  readonly plugins: readonly Plugin[];
  readonly options: readonly Option[];
  /** The layers below the project's: the host's defaults and the user's file. */
  readonly below: readonly Layer[];
  /** The layers in which the user can answer an ask: his section for this project, the environment, the command line. */
  readonly answers: readonly Layer[];
}

/**
 * Divides what a project's file says. In force by itself is only what tightens, as each plugin declares it; nothing of the core's own
 * sections does. An option that the user himself set for this project is answered: his value holds, whatever the file says. The rest
 * is asked, and out of force. (What `cloche trust` will have recorded is one more answer.)
 */
export function holdToTrust(layer: Layer, judging: Judging): { readonly inForce: Layer; readonly asks: readonly Ask[] } {
  const mine = merge(judging.below).values;
  const asks: Ask[] = [];
  let values: Raw = layer.values;
  for (const option of judging.options) {
    const value = valueAt(layer.values, option.path);
    if (value === undefined) continue;
    const present = valueAt(mine, option.path) ?? option.fallback;
    if (mayTighten(option, value, present, mine, judging.plugins) && !isAnswered(option, judging.answers)) continue;
    values = withValue(values, option.path, undefined);
    if (!isDeepStrictEqual(value, present) && !isAnswered(option, judging.answers)) {
      asks.push({ key: option.key, value, file: layer.source.where });
    }
  }
  return { inForce: { ...layer, values }, asks };
}

function isAnswered(option: Option, answers: readonly Layer[]): boolean {
  return answers.some((layer) => valueAt(layer.values, option.path) !== undefined);
}

/** Whether the project may set this by itself. The user's own "no" to a plugin is final. */
function mayTighten(option: Option, value: unknown, present: unknown, mine: Raw, plugins: readonly Plugin[]): boolean {
  const [section, name] = option.path;
  if (section === "plugins") {
    const rights = plugins.find((plugin) => plugin.name === name)?.project;
    if (value === true) return present !== true && rights?.enable === true && valueAt(mine, option.path) !== false;
    return value === false && present === true && rights?.disable === true;
  }
  const rights = plugins.find((plugin) => plugin.section === section)?.project;
  return name !== undefined && rights?.set?.includes(name) === true;
}
