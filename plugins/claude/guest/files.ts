import { memory } from "./memory.ts";
import { managedSettings } from "./settings.ts";
import { releaseNotes, state } from "./state.ts";

/** What the agent's configuration in the guest is made from. */
export interface Setting {
  /** Absolute path of the project, the same in the guest. */
  readonly project: string;
  readonly version: string;
  readonly skipPermissions: boolean;
  /** The variable that holds the agent's API key in its environment; undefined when there is none. */
  readonly apiKeyVariable: string | undefined;
  /** What can be reached over the network, in a sentence or two. */
  readonly network: string;
}

/** A file of the guest. */
export interface GuestFile {
  readonly path: string;
  readonly content: string;
}

/**
 * All files that tell Claude Code where it is. What is ours alone stands in its directory for managed settings, where neither the
 * checkout's settings nor the user's own, which have their place in the home directory, can get in its way.
 */
export function configurationFiles(setting: Setting): readonly GuestFile[] {
  return [
    { path: "/etc/claude-code/managed-settings.json", content: json(managedSettings(setting)) },
    { path: "/etc/claude-code/CLAUDE.md", content: memory(setting) },
    { path: "/home/agent/.claude.json", content: json(state(setting)) },
    { path: "/home/agent/.claude/cache/changelog.md", content: releaseNotes(setting.version) },
  ];
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
