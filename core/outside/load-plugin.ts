import { statSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { exposureOf } from "../config/exposure.ts";
import { API_VERSION, type Plugin } from "../plugin.ts";
import { withDeadline } from "../support/deadline.ts";
import { messageOf } from "../support/errors.ts";
import { fail } from "./failures.ts";
import { lendModules } from "./lend-modules.ts";

const DEADLINE_MS = 10_000;

/** Loads a plugin of the user's own by its file's real path, if it is his alone to write and not the agent's. Throws PLUGIN_… failures. */
export async function loadUserPlugin(file: string, project: string | undefined, copies?: string): Promise<Plugin> {
  if (project !== undefined && file.startsWith(`${project}/`)) throw fail("PLUGIN_IN_PROJECT", { file, project });
  needOwn(file);
  return await loadPlugin(file, file, copies);
}

/** Loads a plugin from wherever it lies; `shown` is the name of the file for people. Throws PLUGIN_… failures. */
export async function loadPlugin(file: string, shown: string, copies?: string): Promise<Plugin> {
  const isTypeScript = /\.[mc]?ts$/.test(file);
  if (isTypeScript && !process.features.typescript) throw fail("PLUGIN_TYPESCRIPT", { file: shown, node: process.versions.node });
  lendModules(copies);
  const plugin = await defaultExport(file, shown);
  if (!isPlugin(plugin)) throw fail("PLUGIN_NO_EXPORT", { file: shown, found: plugin === undefined ? "nothing" : "something else" });
  if (plugin.api !== API_VERSION) {
    const wanted = plugin.api === undefined ? "no version" : `version ${plugin.api}`;
    throw fail("PLUGIN_API", { file: shown, wanted, ours: API_VERSION });
  }
  return { ...plugin, file: shown };
}

async function defaultExport(file: string, shown: string): Promise<unknown> {
  const late = () => new Error(`it was not ready after ${DEADLINE_MS / 1000} s`);
  const loading = import(pathToFileURL(file).href) as Promise<{ default?: unknown }>;
  try {
    return (await withDeadline(loading, DEADLINE_MS, late)).default;
  } catch (cause) {
    throw fail("PLUGIN_NOT_LOADED", { file: shown, reason: messageOf(cause) }, { cause });
  }
}

function isPlugin(value: unknown): value is Plugin {
  return typeof value === "object" && value !== null && "install" in value && typeof value.install === "function" && "api" in value;
}

function needOwn(file: string): void {
  for (const path of [file, dirname(file)]) {
    const stat = statSync(path);
    const exposure = exposureOf(path, stat, process.getuid?.() ?? stat.uid);
    if (exposure) throw fail("PLUGIN_EXPOSED", { file, ...exposure });
  }
}
