import { existsSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadFile } from "../support/bundled.ts";
import { messageOf } from "../support/errors.ts";
import type { Plugin } from "../plugin.ts";
import { fail } from "./failures.ts";

/** The plugins beside the core: compiled ones when we are compiled, sources when we run from sources. */
const BUILT_IN = fileURLToPath(new URL("../../plugins", import.meta.url));

/** Every plugin that has a folder, by the folder's name. Throws PLUGIN_BROKEN for one that does not load. */
export async function discoverPlugins(folder: string = BUILT_IN): Promise<readonly Plugin[]> {
  const index = `index${extname(import.meta.url)}`;
  const entries = existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : [];
  const names = entries.filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, index))).map(({ name }) => name);
  return await Promise.all(names.sort().map((name) => load(name, join(folder, name, index))));
}

async function load(name: string, file: string): Promise<Plugin> {
  let plugin: Partial<Plugin> | undefined;
  try {
    plugin = ((await loadFile(file)) as { default?: Partial<Plugin> }).default;
  } catch (cause) {
    throw fail("PLUGIN_BROKEN", { file, reason: messageOf(cause) }, { cause });
  }
  if (typeof plugin?.install !== "function") throw fail("PLUGIN_BROKEN", { file, reason: "it exports no plugin by default" });
  if (plugin.name !== name) throw fail("PLUGIN_BROKEN", { file, reason: `it calls itself "${plugin.name}"` });
  return plugin as Plugin;
}
