import { MEMORY_FILE, memory } from "./memory.ts";
import { managedSettings } from "./settings.ts";
import { releaseNotes, state } from "./state.ts";

/** What the agent's configuration in the guest is made from. */
export interface Setting {
  /** Absolute path of the project, the same in the guest. */
  readonly project: string;
  readonly version: string;
  readonly skipPermissions: boolean;
  readonly statusLine: boolean;
  readonly bell: boolean;
  /** The variable that holds the agent's API key in its environment; undefined when there is none. */
  readonly apiKeyVariable: string | undefined;
  /** What can be reached over the network, in a sentence or two. */
  readonly network: string;
}

/** A program that prints the line which the core keeps there. */
const STATUS_LINE = { type: "command", command: "cat /run/cloche-status 2>/dev/null", padding: 0 };

/** A file of the guest; one of values joins what the user's own configuration says there. */
export type ConfigurationFile =
  | { readonly path: string; readonly content: string }
  | { readonly path: string; readonly values: Readonly<Record<string, unknown>> };

/**
 * All files that tell Claude Code where it is. What is ours alone stands in its directory for managed settings, where neither the
 * checkout's settings nor the user's own, which have their place in the home directory, can get in its way.
 */
export function configurationFiles(setting: Setting): readonly ConfigurationFile[] {
  return [
    { path: "/etc/claude-code/managed-settings.json", content: json(managedSettings(setting)) },
    { path: MEMORY_FILE, content: memory(setting) },
    { path: "/home/agent/.claude.json", values: state(setting) },
    { path: "/home/agent/.claude/settings.json", values: { ...(setting.statusLine && { statusLine: STATUS_LINE }), ...(setting.bell && { preferredNotifChannel: "terminal_bell" }) } },
    { path: "/home/agent/.claude/cache/changelog.md", content: releaseNotes(setting.version) },
  ];
}

/** A value as the text of a JSON file. */
export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
