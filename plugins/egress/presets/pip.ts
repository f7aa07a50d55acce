import { cleanAddress, rulesFor } from "./addresses.ts";
import { authoritiesAt } from "./authorities.ts";
import type { Preset, PresetHost } from "./preset.ts";

const SETTING = /^(global|download|install|:env:)\.(index-url|extra-index-url|cert)='(.*)'$/;
const DEFAULT_INDEX = /Base URL of the Python Package[\s\S]{0,80}?\(default\s+(https?:\/\/[^\s)]+)\)/;
// pip lists them by the alphabet; what comes later here counts for more
const SECTIONS = ["global", "download", "install", ":env:"];
const SMALL_PACKAGE = "pip";
const GUEST_BUNDLE = "/etc/ssl/certs/ca-certificates.crt";

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
  // pip has a list of authorities of its own, and sudo takes the variable away that names the guest's
  const lines = [`index-url = ${index}`, `cert = ${GUEST_BUNDLE}`, ...(extra.length > 0 ? [`extra-index-url = ${extra.join(" ")}`] : [])];
  return {
    rules: rulesFor([index, ...extra, ...files]),
    env: { PIP_INDEX_URL: index, UV_DEFAULT_INDEX: index },
    files: [{ path: "/etc/pip.conf", content: `[global]\n${lines.join("\n")}\n`, mode: 0o644 }],
    authorities: (settings.get("cert") ?? []).flatMap((path) => authoritiesAt(host, path)),
  };
};

function settingsOf(said: string): ReadonlyMap<string, readonly string[]> {
  const found = said.split("\n").flatMap((line) => {
    const [, section, key, value] = SETTING.exec(line.trim()) ?? [];
    return section === undefined || key === undefined || value === undefined ? [] : [{ section, key, values: key === "cert" ? [value] : value.split(/\s+|\\n/).filter(Boolean) }];
  });
  const ranked = found.toSorted((one, other) => SECTIONS.indexOf(one.section) - SECTIONS.indexOf(other.section));
  return new Map(ranked.map(({ key, values }) => [key, values]));
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
