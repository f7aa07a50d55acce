import { directories } from "../config/directories.ts";
import { loadedByUser, type Place, type Sources } from "../config/sources.ts";
import type { Plugin } from "../plugin.ts";
import { copiesFolder } from "../trust/places.ts";
import { findModule } from "./find-module.ts";
import { loadUserPlugin } from "./load-plugin.ts";

/** The plugins that the user's own configuration names, loaded. Throws PLUGIN_… failures, one line each. */
export async function userPlugins(sources: Sources, place: Place): Promise<readonly Plugin[]> {
  const { specifiers, where } = loadedByUser(sources, place);
  const files = [...new Set(specifiers.map((specifier) => findModule({ specifier, where, directory: sources.directory })))];
  const copies = copiesFolder(directories(place.env).state);
  return await Promise.all(files.map((file) => loadUserPlugin(file, place.project, copies)));
}
