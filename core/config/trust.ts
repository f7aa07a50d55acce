import { isDeepStrictEqual } from "node:util";
import type { Plugin } from "../plugin.ts";
import { merge, type Layer } from "./layers.ts";
import type { Option } from "./options.ts";
import { isRaw, valueAt, withValue, type Raw } from "./values.ts";

/** Something that a project's file wants and that only the user may decide. */
export interface Ask {
  readonly key: string;
  readonly path: readonly string[];
  readonly value: unknown;
  /** The project's file that asks. */
  readonly file: string;
}

/** What is known when the project's file is judged. */
export interface Judging {
  /** The plugins that are the user's or ours; a plugin of the project itself has no say here. */
  readonly plugins: readonly Plugin[];
  readonly options: readonly Option[];
  /** The layers below the project's: the host's defaults and the user's file. */
  readonly below: readonly Layer[];
  /** Whether the user himself set this for this project, by his section for it, the environment or the command line. */
  readonly isAnswered: (option: Option) => boolean;
}

/**
 * All that a project's file says beyond what tightens, whether it would change anything here or not: its hash is what an answer is
 * for. Where the file wants code of its own loaded, what is meant for that code is among it, and not an unknown option.
 */
export function beyondOf(layer: Layer, { plugins, options, below }: Judging): readonly Ask[] {
  const mine = merge(below).values;
  const ask = (path: readonly string[], value: unknown): Ask => ({ key: path.join("."), path, value, file: layer.source.where });
  const known = options.flatMap((option) => {
    const value = valueAt(layer.values, option.path);
    return value === undefined || hasRight(option, value, mine, plugins) ? [] : [ask(option.path, value)];
  });
  if (layer.values["load"] === undefined) return known;
  return [...known, ...unknownPaths(layer.values, options).map((path) => ask(path, valueAt(layer.values, path)))];
}

/** Of what is beyond, what the user has to decide: not what holds anyway, and not what he has set himself for this project. */
export function undecided(beyond: readonly Ask[], { options, below, isAnswered }: Judging): readonly Ask[] {
  const mine = merge(below).values;
  return beyond.filter(({ path, key, value }) => {
    const option = options.find((candidate) => candidate.key === key);
    if (option === undefined) return true;
    return !isAnswered(option) && !isDeepStrictEqual(value, valueAt(mine, path) ?? option.fallback);
  });
}

/**
 * What of the project's file is in force: what tightens, as each plugin declares it, and the rest when the user granted it. An option
 * that he himself set for this project is answered: his value holds, whatever the file says.
 */
export function inForce(layer: Layer, beyond: readonly Ask[], { options, isAnswered }: Judging, granted: boolean): Layer {
  const answered = options.filter((option) => valueAt(layer.values, option.path) !== undefined && isAnswered(option));
  // code is loaded from its copy, by itself: the user's own list stays his
  const out = [...answered, ...(granted ? beyond.filter(({ key }) => key === "load") : beyond)];
  const values = out.reduce((present: Raw, { path }) => withValue(present, path, undefined), layer.values);
  return { ...layer, values };
}

/** Whether the project may set this by itself. The user's own "no" to a plugin is final. */
function hasRight(option: Option, value: unknown, mine: Raw, plugins: readonly Plugin[]): boolean {
  const [section, name] = option.path;
  if (section === "plugins") {
    const rights = plugins.find((plugin) => plugin.name === name)?.project;
    if (value === true) return rights?.enable === true && valueAt(mine, option.path) !== false;
    return value === false && rights?.disable === true;
  }
  const rights = plugins.find((plugin) => plugin.section === section)?.project;
  return name !== undefined && rights?.set?.includes(name) === true;
}

/** Sections and switches that nobody knows yet. */
function unknownPaths(values: Raw, options: readonly Option[]): readonly (readonly string[])[] {
  const sections = new Set(options.map(({ path }) => path[0]));
  const switches = isRaw(values["plugins"]) ? Object.keys(values["plugins"]) : [];
  const isKnown = (name: string) => options.some(({ path }) => path[0] === "plugins" && path[1] === name);
  return [
    ...Object.keys(values).filter((name) => name !== "$schema" && name !== "projects" && !sections.has(name)).map((name) => [name]),
    ...switches.filter((name) => !isKnown(name)).map((name) => ["plugins", name]),
  ];
}
