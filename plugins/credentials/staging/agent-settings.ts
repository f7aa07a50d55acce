import { join } from "node:path";
import { isObject, type Left } from "./pick.ts";
import { GUEST } from "./places.ts";
import { guestCommand, runnableSettings, type Programs } from "./programs.ts";
import { readBounded, readText } from "./read.ts";
import { ENABLED_PLUGINS, KEY_BINDINGS, SETTINGS } from "./settings.ts";
import type { Kind, Staging } from "./staging.ts";

const LARGEST_SETTINGS = 1 << 20;
const LARGEST_PROGRAM = 1 << 20;
const RUN_PROGRAMS: ReadonlySet<string> = new Set(["hooks", "statusLine"]);

/** What of the settings is wanted. */
export interface SettingsWish {
  readonly configDir: string;
  readonly home: string;
  readonly programs: Programs;
  /** Whether the agent's plugins cross, so that their switches must too. */
  readonly plugins: boolean;
}

/** Stages the agent's settings, and the programs below its configuration directory that the user named for them. */
export function stageSettings({ configDir, home, programs, plugins }: SettingsWish, staging: Staging): void {
  const from = join(configDir, "settings.json");
  const settings = readJson(from, LARGEST_SETTINGS, "settings", staging);
  if (settings === undefined) return;
  const left: Left = (at, why) => staging.leave("settings", `${from}: ${at}`, why);
  const apart = Object.fromEntries(Object.entries(settings).filter(([key]) => !RUN_PROGRAMS.has(key) && key !== "enabledPlugins"));
  const picked = SETTINGS(apart, "", left);
  const switches = plugins ? ENABLED_PLUGINS(settings["enabledPlugins"] ?? {}, "enabledPlugins", left) : undefined;
  const content = {
    ...(isObject(picked) ? picked : {}),
    ...(switches !== undefined && { enabledPlugins: switches }),
    ...runnableSettings(settings, { programs, configDir, home }, left),
  };
  staging.stage({ kind: "settings", path: `${GUEST.agentConfig}/settings.json`, content: json(content), from });
  stageNamedPrograms({ configDir, home, programs }, staging);
}

function stageNamedPrograms({ configDir, home, programs }: Pick<SettingsWish, "configDir" | "home" | "programs">, staging: Staging): void {
  for (const program of programs) {
    const named = guestCommand(program, programs, configDir, home);
    if ("why" in named || !named.command.startsWith(`${GUEST.agentConfig}/`)) continue;
    const from = join(configDir, named.command.slice(GUEST.agentConfig.length + 1));
    const reading = readBounded(from, LARGEST_PROGRAM);
    if ("why" in reading) staging.leave("settings", from, reading.why);
    else staging.stage({ kind: "settings", path: named.command, content: reading.content, mode: 0o755, from });
  }
}

/** Stages the key bindings. */
export function stageKeyBindings(configDir: string, staging: Staging): void {
  const from = join(configDir, "keybindings.json");
  const bindings = readJson(from, LARGEST_SETTINGS, "keyBindings", staging);
  if (bindings === undefined) return;
  const picked = KEY_BINDINGS(bindings, "", (at, why) => staging.leave("keyBindings", `${from}: ${at}`, why));
  if (picked !== undefined) staging.stage({ kind: "keyBindings", path: `${GUEST.agentConfig}/keybindings.json`, content: json(picked), from });
}

/** A JSON object from a file; undefined when there is none, or when it cannot be used, which is noted. */
export function readJson(path: string, mostBytes: number, kind: Kind, staging: Staging): Readonly<Record<string, unknown>> | undefined {
  const reading = readText(path, mostBytes);
  if ("why" in reading) {
    if (!reading.missing) staging.leave(kind, path, reading.why);
    return undefined;
  }
  try {
    const value: unknown = JSON.parse(reading.text);
    if (isObject(value)) return value;
    staging.leave(kind, path, "it is not a JSON object");
  } catch {
    staging.leave(kind, path, "it is not JSON");
  }
  return undefined;
}

/** A value as the text of a JSON file. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
