import { join } from "node:path";
import { isObject } from "../staging/pick.ts";
import type { HostPlaces } from "../staging/places.ts";
import { readText } from "../staging/read.ts";
import type { HostEnv } from "./ways.ts";

const LARGEST_SETTINGS = 1 << 20;

/** Variables by which the agent is told whom to ask and as whom; users keep them in their environment or in the agent's settings. */
const NAMES = [
  "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "ANTHROPIC_CUSTOM_HEADERS", "CLAUDE_CODE_OAUTH_TOKEN",
  "CLAUDE_CODE_USE_BEDROCK", "ANTHROPIC_BEDROCK_BASE_URL", "AWS_REGION", "AWS_BEARER_TOKEN_BEDROCK", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "CLAUDE_CODE_USE_VERTEX", "ANTHROPIC_VERTEX_BASE_URL", "CLOUD_ML_REGION", "ANTHROPIC_VERTEX_PROJECT_ID",
] as const;

/** The host's environment as its own agent would have it: what the user's settings say of these variables wins. */
export function agentEnvironment(env: HostEnv, { agentConfig }: Pick<HostPlaces, "agentConfig">): HostEnv {
  const reading = agentConfig === undefined ? undefined : readText(join(agentConfig, "settings.json"), LARGEST_SETTINGS);
  if (!reading || "why" in reading) return env;
  try {
    const settings = JSON.parse(reading.text) as unknown;
    const given = isObject(settings) && isObject(settings["env"]) ? settings["env"] : {};
    return { ...env, ...Object.fromEntries(NAMES.flatMap((name) => (typeof given[name] === "string" ? [[name, given[name]]] : []))) };
  } catch {
    return env; // `cloche config staged` says that it is not JSON
  }
}
