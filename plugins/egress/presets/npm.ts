import { cleanAddress, rulesFor } from "./addresses.ts";
import type { Preset } from "./preset.ts";

const CONFIGURATION = "/etc/cloche/npmrc";
const SCOPED = /^@[a-z0-9][\w.-]*:registry$/i;

/** The registries that the host's npm uses, for all packages and for single scopes. */
export const npm: Preset = async (host) => {
  const said = await host.ask("npm", "config", "list", "--json");
  if (said === undefined) return { why: "there is no npm on the host that says which registry it uses" };
  const registries = registriesOf(said);
  const main = registries.get("registry");
  if (main === undefined) return { why: "the registry of the host's npm has no address that a guest can use" };
  const lines = [...registries].map(([key, address]) => `${key}=${address}\n`);
  return {
    rules: rulesFor([...registries.values()]),
    env: { npm_config_registry: main, npm_config_globalconfig: CONFIGURATION },
    files: [{ path: CONFIGURATION, content: lines.join(""), mode: 0o644 }],
  };
};

function registriesOf(said: string): ReadonlyMap<string, string> {
  let config: unknown;
  try {
    config = JSON.parse(said);
  } catch {
    return new Map();
  }
  const entries = Object.entries(config as object).filter(([key, value]) => (key === "registry" || SCOPED.test(key)) && typeof value === "string");
  return new Map(entries.flatMap(([key, value]) => {
    const address = cleanAddress(value as string);
    return address === undefined ? [] : [[key, address] as const];
  }));
}
