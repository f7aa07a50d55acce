import { cleanAddress, rulesFor } from "./addresses.ts";
import type { Preset, PresetHost } from "./preset.ts";

const SETTING = /^(?:global|install|download|:env:)\.(index-url|extra-index-url)='(.*)'$/;
const DEFAULT_INDEX = /Base URL of the Python Package[\s\S]{0,80}?\(default\s+(https?:\/\/[^\s)]+)\)/;
const SMALL_PACKAGE = "pip";

/** The index that the host's pip uses, and the host that it sends its clients to for the files. */
export const pip: Preset = async (host) => {
  const said = await host.ask("pip3", "config", "list") ?? await host.ask("pip", "config", "list");
  if (said === undefined) return { why: "there is no pip on the host that says which index it uses" };
  const settings = settingsOf(said);
  const main = settings.get("index-url")?.[0] ?? (await defaultIndex(host));
  const index = main === undefined ? undefined : cleanAddress(main);
  if (index === undefined) return { why: "the index of the host's pip has no address that a guest can use" };
  const extra = (settings.get("extra-index-url") ?? []).flatMap((address) => cleanAddress(address) ?? []);
  const files = await host.remember(`pip ${[index, ...extra].join(" ")}`, async () => await fileHosts(host));
  const lines = [`index-url = ${index}`, ...(extra.length > 0 ? [`extra-index-url = ${extra.join(" ")}`] : [])];
  return {
    rules: rulesFor([index, ...extra, ...files]),
    env: { PIP_INDEX_URL: index, UV_DEFAULT_INDEX: index },
    files: [{ path: "/etc/pip.conf", content: `[global]\n${lines.join("\n")}\n`, mode: 0o644 }],
  };
};

function settingsOf(said: string): ReadonlyMap<string, readonly string[]> {
  const settings = new Map<string, readonly string[]>();
  for (const line of said.split("\n")) {
    const [, key, value] = SETTING.exec(line.trim()) ?? [];
    if (key !== undefined && value !== undefined) settings.set(key, value.split(/\s+|\\n/).filter(Boolean)); // pip's own order: the environment last
  }
  return settings;
}

async function defaultIndex(host: PresetHost): Promise<string | undefined> {
  const help = (await host.ask("pip3", "install", "--help")) ?? (await host.ask("pip", "install", "--help"));
  return DEFAULT_INDEX.exec(help ?? "")?.[1];
}

/** Where the index keeps the files themselves, which only asking it tells: pip does so for one package, and fetches nothing else. */
async function fileHosts(host: PresetHost): Promise<readonly string[]> {
  const args = ["install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--disable-pip-version-check", "--report", "-", SMALL_PACKAGE];
  const report = (await host.ask("pip3", ...args)) ?? (await host.ask("pip", ...args));
  const addresses = [...(report ?? "").matchAll(/"url": "(https?:\/\/[^"]+)"/g)].map(([, address = ""]) => cleanAddress(address));
  return addresses.flatMap((address) => (address === undefined ? [] : [new URL(address).origin]));
}
