import { fail } from "./failures.ts";

interface Ordered {
  readonly name: string;
  readonly after: readonly string[];
  readonly file?: string | undefined;
}

/**
 * The enabled plugins in an order that honours every `after`, and otherwise the order given. `known` are the names of all plugins,
 * so that one may come after another that is off. Throws PLUGIN_ORDER_UNKNOWN or PLUGIN_ORDER_CYCLE.
 */
export function inOrder<P extends Ordered>(enabled: readonly P[], known: readonly string[]): readonly P[] {
  const byName = new Map(enabled.map((plugin) => [plugin.name, plugin]));
  const sorted: P[] = [];
  const path: string[] = [];

  function place(plugin: P): void {
    if (sorted.includes(plugin)) return;
    if (path.includes(plugin.name)) {
      const cycle = path.slice(path.indexOf(plugin.name));
      throw fail("PLUGIN_ORDER_CYCLE", { plugins: cycle.map((name) => `"${name}"${inFile(byName.get(name))}`).join(", ") });
    }
    path.push(plugin.name);
    for (const name of plugin.after) {
      if (!known.includes(name)) {
        throw fail("PLUGIN_ORDER_UNKNOWN", { plugin: plugin.name, file: inFile(plugin), after: name, known: known.join(", ") });
      }
      const before = byName.get(name);
      if (before) place(before);
    }
    path.pop();
    sorted.push(plugin);
  }

  for (const plugin of enabled) place(plugin);
  return sorted;
}

interface Needing {
  readonly name: string;
  readonly needs: readonly string[];
  readonly file?: string | undefined;
}

/** Throws PLUGIN_NEEDS_OFF when an enabled plugin needs one that is off or does not exist. */
export function checkNeeds(enabled: readonly Needing[], known: readonly string[]): void {
  const on = new Set(enabled.map(({ name }) => name));
  for (const plugin of enabled) {
    const { name, needs } = plugin;
    for (const needed of needs.filter((one) => !on.has(one))) {
      const state = known.includes(needed) ? "is off" : "does not exist";
      throw fail("PLUGIN_NEEDS_OFF", { plugin: name, needs: needed, state, file: inFile(plugin) });
    }
  }
}

/** Where a plugin that did not come with cloche lies, to stand behind its name. */
function inFile(plugin: { readonly file?: string | undefined } | undefined): string {
  return plugin?.file === undefined ? "" : ` (${plugin.file})`;
}
