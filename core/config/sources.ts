import { directories } from "./directories.ts";
import { merge, type Layer } from "./layers.ts";
import type { Override } from "./overrides.ts";
import { projectLayer } from "./project-file.ts";
import { userLayers } from "./user-file.ts";

/** Where configurations are read from. */
export interface Place {
  /** Real path of the project; undefined where only the user's own configuration counts. */
  readonly project: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly overrides: readonly Override[];
}

/** What the files say, before it is known which options there are. */
export interface Sources {
  /** The user's directory of configuration. */
  readonly directory: string;
  /** For all projects, then for this one. */
  readonly user: readonly Layer[];
  readonly asked: Layer | undefined;
}

/** Reads the user's file and the project's. */
export async function readSources({ project, env }: Place): Promise<Sources> {
  const directory = directories(env).config;
  const user = await userLayers(directory, project);
  return { directory, user, asked: project === undefined ? undefined : await projectLayer(project) };
}

/** What the user wants loaded, in the order given, and where he says so; a stronger source replaces the list of a weaker one. */
export function loadedByUser({ user }: Sources, { env, overrides }: Place): { readonly specifiers: readonly string[]; readonly where: string } {
  const override = overrides.findLast(({ key }) => key === "load");
  if (override) return { specifiers: listOf(override.text), where: override.argument };
  const variable = env["CLOCHE_LOAD"];
  if (variable !== undefined) return { specifiers: listOf(variable), where: "CLOCHE_LOAD" };
  const merged = merge(user);
  return { specifiers: textsOf(merged.values["load"]), where: merged.sourceOf(["load"]).where };
}

/** The entries of a value that should be a list of texts; what is none is for the check of the whole to name. */
export function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function listOf(text: string): readonly string[] {
  try {
    return text.trim().startsWith("[") ? textsOf(JSON.parse(text)) : text.split(",").map((item) => item.trim()).filter((item) => item !== "");
  } catch {
    return [];
  }
}
