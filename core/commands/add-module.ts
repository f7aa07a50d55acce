import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { discoverPlugins } from "../config/discover.ts";
import { directories } from "../config/directories.ts";
import { CORE_SECTIONS } from "../config/sections.ts";
import { textsOf } from "../config/sources.ts";
import { readUserFile } from "../config/user-file.ts";
import { writeChange } from "../config/write.ts";
import { checkNames } from "../outside/check-names.ts";
import { findModule, isPath } from "../outside/find-module.ts";
import { loadUserPlugin } from "../outside/load-plugin.ts";
import type { Invocation } from "./command.ts";

/**
 * The name of the plugin that a word means. When the word is a path, or a package that is no plugin's name, the plugin is tried
 * first and then added to the user's `load`, for all his projects.
 */
export async function addModule({ env, directory, io }: Invocation, word: string): Promise<string> {
  const builtIn = await discoverPlugins();
  const { config } = directories(env);
  if (!isPath(word) && (builtIn.some(({ name }) => name === word) || !existsSync(join(config, "node_modules", word)))) return word;
  const specifier = isPath(word) && !word.startsWith("~") ? resolve(directory, word) : word;
  const plugin = await loadUserPlugin(findModule({ specifier, where: undefined, directory: config }), undefined);
  checkNames(builtIn, [plugin], Object.keys(CORE_SECTIONS));
  const present = textsOf((await readUserFile(config))?.values["load"]);
  if (present.includes(specifier)) return plugin.name;
  const file = await writeChange({ directory: config, project: undefined, path: ["load"], value: [...present, specifier] });
  io.print(`${specifier} is loaded from now on, in ${file}.`);
  return plugin.name;
}
