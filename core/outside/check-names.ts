import type { Plugin } from "../plugin.ts";
import { fail } from "./failures.ts";

/** Throws PLUGIN_NAME_TAKEN when a plugin from outside has the name or the section of another one, or a section of the core's own. */
export function checkNames(own: readonly Plugin[], outside: readonly Plugin[], coreSections: readonly string[]): void {
  const names = new Map(own.map((plugin) => [plugin.name, describe(plugin)]));
  const sections = new Map([...coreSections.map((name): [string, string] => [name, "cloche itself"]), ...own.map((plugin): [string, string] => [plugin.section, describe(plugin)])]);
  for (const plugin of outside) {
    const { file = "", name, section } = plugin;
    const byName = names.get(name);
    if (byName !== undefined) throw fail("PLUGIN_NAME_TAKEN", { file, name, what: "name", by: byName });
    const bySection = sections.get(section);
    if (bySection !== undefined) throw fail("PLUGIN_NAME_TAKEN", { file, name: section, what: "section", by: bySection });
    names.set(name, describe(plugin));
    sections.set(section, describe(plugin));
  }
}

function describe({ name, file }: Plugin): string {
  return file === undefined ? `the plugin "${name}" that comes with cloche` : `the plugin ${file}`;
}
