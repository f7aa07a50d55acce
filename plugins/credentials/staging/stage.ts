import { stagePlugins } from "./agent-plugins.ts";
import { stageKeyBindings, stageSettings } from "./agent-settings.ts";
import { stageState } from "./agent-state.ts";
import { SHELVES, stageMemory, stageShelf } from "./documents.ts";
import { stageGit } from "./git/git.ts";
import type { Disguise } from "./mcp.ts";
import type { HostPlaces } from "./places.ts";
import type { StageOptions } from "./options.ts";
import { Staging, type Kind } from "./staging.ts";

/**
 * All that crosses of the user's configuration, read now and laid out anew, and what does not, with the reasons. It never throws: what
 * cannot be read is left out.
 */
export function stage(places: HostPlaces, options: StageOptions, disguise: Disguise): Staging {
  const staging = new Staging();
  const { agentConfig: configDir, home } = places;
  const { mcpServers, programs, ...switches } = options;
  const part = (kind: Kind, run: () => void): void => {
    if (kind !== "mcpServers" && !switches[kind]) return;
    const before = staging.files.length;
    try {
      run();
    } catch (error) {
      staging.files.length = before; // on any doubt nothing of this part
      staging.leave(kind, kind, `it cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
    }
  };
  if (places.agentRefused !== undefined) staging.leave("settings", "the agent's configuration", places.agentRefused);
  if (configDir !== undefined) {
    part("settings", () => stageSettings({ configDir, home, programs, plugins: switches.plugins }, staging));
    part("memory", () => stageMemory(configDir, staging));
    for (const shelf of SHELVES) part(shelf.kind, () => stageShelf(shelf, configDir, staging));
    part("keyBindings", () => stageKeyBindings(configDir, staging));
    part("plugins", () => stagePlugins(configDir, staging));
  }
  if (places.agentRefused === undefined && (switches.preferences || mcpServers.length > 0)) {
    part("mcpServers", () => stageState(places, { preferences: switches.preferences, mcpServers, disguise }, staging));
  }
  part("git", () => stageGit(places, staging));
  return staging;
}
