import type { Setting } from "./files.ts";

/** Each of these keeps the agent from a host that it would try at its start and that is not allowed, or from work that has no use here. */
const ENVIRONMENT = {
  DISABLE_AUTOUPDATER: "1",
  CLAUDE_CODE_DISABLE_OFFICIAL_MARKETPLACE_AUTOINSTALL: "1",
  CLAUDE_CODE_MODEL_CATALOG: "0",
  // looks through the machine for other installations of it: four processes at each start
  DISABLE_INSTALLATION_CHECKS: "1",
};

/** With the prompts off the agent asks nothing: neither whether it may ask nothing, nor about the project's MCP servers. */
const WITHOUT_PROMPTS = {
  skipDangerousModePermissionPrompt: true,
  enableAllProjectMcpServers: true,
};

/** Settings that win over the project's and the user's own. */
export function managedSettings({ skipPermissions, apiKeyVariable }: Pick<Setting, "skipPermissions" | "apiKeyVariable">): Record<string, unknown> {
  return {
    env: ENVIRONMENT,
    // it would ask its service about every address; whether that may be reached is the gateway's to say
    skipWebFetchPreflight: true,
    ...(skipPermissions ? WITHOUT_PROMPTS : {}),
    // the key's placeholder, from the agent's own environment; under its usual name it would ask whether to use it
    ...(apiKeyVariable === undefined ? {} : { apiKeyHelper: `printf %s "$${apiKeyVariable}"` }),
  };
}
