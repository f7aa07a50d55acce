import { isObject, type Left } from "./pick.ts";
import { GUEST, type HostPlaces } from "./places.ts";
import { json, readJson } from "./agent-settings.ts";
import { mcpServer, type Disguise } from "./mcp.ts";
import { PREFERENCES, PROJECT_TRUST } from "./settings.ts";
import type { Staging } from "./staging.ts";

// It keeps a history of all projects.
const LARGEST_STATE = 16 << 20;
const SERVER_NAME = /^[\w.-]{1,100}$/;

/** What of the agent's state is wanted. */
export interface StateWish {
  readonly preferences: boolean;
  /** Names of the MCP servers that may cross. */
  readonly mcpServers: readonly string[];
  readonly disguise: Disguise;
}

/** Stages the agent's state: preferences, the trust of this project, and the MCP servers that were named. */
export function stageState(places: HostPlaces, { preferences, mcpServers, disguise }: StateWish, staging: Staging): void {
  const from = places.agentState;
  const state = readJson(from, LARGEST_STATE, "preferences", staging);
  if (state === undefined) return;
  const projects = isObject(state["projects"]) ? state["projects"] : {};
  const project = Object.hasOwn(projects, places.project) ? projects[places.project] : undefined;
  const silent: Left = () => {}; // most of this file is the agent's own, and saying of each key that it stays would hide the rest
  const picked = preferences ? PREFERENCES(state, "", silent) : undefined;
  const trust = preferences && isObject(project) ? PROJECT_TRUST(project, "", silent) : undefined;
  const servers = stageServers([state["mcpServers"], isObject(project) ? project["mcpServers"] : undefined], mcpServers, disguise, from, staging);
  const content = {
    ...(isObject(picked) ? picked : {}),
    ...(Object.keys(servers).length > 0 && { mcpServers: servers }),
    ...(trust !== undefined && { projects: { [places.project]: trust } }),
  };
  staging.stage({ kind: "preferences", path: GUEST.agentState, content: json(content), from });
}

function stageServers(sources: readonly unknown[], wanted: readonly string[], disguise: Disguise, from: string, staging: Staging): Record<string, unknown> {
  const servers: Record<string, unknown> = {};
  const known = new Map(sources.flatMap((source) => (isObject(source) ? Object.entries(source) : [])));
  for (const [name, server] of known) {
    const what = `${from}: mcpServers.${name}`;
    if (!wanted.includes(name) || !SERVER_NAME.test(name)) {
      staging.leave("mcpServers", what, "credentials.stage.mcpServers does not name it");
      continue;
    }
    const picked = mcpServer(server, disguise, (at, why) => staging.leave("mcpServers", `${what}.${at}`, why));
    if (typeof picked["why"] === "string") staging.leave("mcpServers", what, picked["why"]);
    else servers[name] = picked;
  }
  for (const name of wanted.filter((each) => !known.has(each))) staging.leave("mcpServers", `${from}: mcpServers.${name}`, "there is no such MCP server");
  return servers;
}
