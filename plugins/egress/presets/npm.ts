import { cleanAddress, rulesFor } from "./addresses.ts";
import { authoritiesAt, authoritiesIn } from "./authorities.ts";
import type { Preset, PresetHost } from "./preset.ts";

const CONFIGURATION = "/etc/cloche/npmrc";
const SETTING = /^([^\s;=]+) = (.+)$/;
const SCOPED = /^@[a-z0-9][\w.-]*:registry$/i;

/** The registries that the host's npm uses, for all packages and for single scopes. */
export const npm: Preset = async (host) => {
  // as JSON it leaves out a registry with a login in its address; this way it shows the address alone
  const said = await host.ask("npm", "config", "list", "--long");
  if (said === undefined) return { why: "there is no npm on the host that says which registry it uses" };
  const config = configOf(said);
  const registries = registriesOf(config);
  const main = registries.get("registry");
  if (main === undefined) return { why: "the registry of the host's npm has no address that a guest can use" };
  const lines = [...registries].map(([key, address]) => `${key}=${address}\n`);
  return {
    rules: rulesFor([...registries.values()]),
    env: { npm_config_registry: main, npm_config_globalconfig: CONFIGURATION },
    files: [{ path: CONFIGURATION, content: lines.join(""), mode: 0o644 }],
    authorities: trustedBy(config, host),
  };
};

/** What is in force; lines that begin with a semicolon are what something else overrides. */
function configOf(said: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(said.split("\n").flatMap((line) => {
    const [, key, value] = SETTING.exec(line.trim()) ?? [];
    try {
      return key === undefined || value === undefined ? [] : [[key, JSON.parse(value) as unknown]];
    } catch {
      return []; // what it keeps to itself
    }
  }));
}

function trustedBy({ ca, cafile }: Readonly<Record<string, unknown>>, host: PresetHost): readonly string[] {
  const written = [ca].flat().filter((pem) => typeof pem === "string").map((pem) => pem.replaceAll("\\n", "\n"));
  return [...authoritiesIn(written.join("\n")), ...(typeof cafile === "string" ? authoritiesAt(host, cafile) : [])];
}

function registriesOf(config: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const entries = Object.entries(config).filter(([key, value]) => (key === "registry" || SCOPED.test(key)) && typeof value === "string");
  return new Map(entries.flatMap(([key, value]) => {
    const address = cleanAddress(value as string);
    return address === undefined ? [] : [[key, address] as const];
  }));
}
