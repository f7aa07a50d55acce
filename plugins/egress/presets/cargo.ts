import { join } from "node:path";
import { cleanAddress, rulesFor } from "./addresses.ts";
import { authoritiesAt } from "./authorities.ts";
import type { Preset } from "./preset.ts";

const SPARSE = "sparse+";
const SECTION = /^\[([^\]]+)\]$/;
const SETTING = /^([\w-]+)\s*=\s*"([^"]*)"$/;

interface Setting {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** The registries that the host's cargo is configured with, in place of its own default one or beside it. */
export const cargo: Preset = async (host) => {
  const folder = host.env["CARGO_HOME"] ?? join(host.home, ".cargo");
  const settings = settingsOf(host.read(join(folder, "config.toml")) ?? host.read(join(folder, "config")) ?? "");
  const used = settings.flatMap((setting) => withAddress(setting) ?? []);
  if (used.length === 0) return { why: "the host's cargo names no registry in its configuration, and cannot be asked for its own" };
  const replaced = settings.filter(({ section, key }) => /^source\./.test(section) && key === "replace-with");
  const trusted = host.env["CARGO_HTTP_CAINFO"] ?? settings.find(({ section, key }) => section === "http" && key === "cainfo")?.value;
  return {
    authorities: trusted === undefined ? [] : authoritiesAt(host, trusted),
    rules: rulesFor(used.map(({ address }) => address)),
    // cargo looks for its configuration in every directory from the current one up
    files: [{ path: "/.cargo/config.toml", content: written([...replaced, ...used.map(({ setting }) => setting)]), mode: 0o644 }],
  };
};

function settingsOf(text: string): readonly Setting[] {
  let section = "";
  return text.split("\n").flatMap((raw) => {
    const line = raw.trim();
    section = SECTION.exec(line)?.[1]?.trim() ?? section;
    const [, key, value] = SETTING.exec(line) ?? [];
    return key === undefined || value === undefined ? [] : [{ section, key, value }];
  });
}

/** A setting that names a registry, its address without login. */
function withAddress({ section, key, value }: Setting): { readonly setting: Setting; readonly address: string } | undefined {
  if (!(/^source\./.test(section) && key === "registry") && !(/^registries\./.test(section) && key === "index")) return undefined;
  const sparse = value.startsWith(SPARSE) ? SPARSE : "";
  const address = cleanAddress(value.slice(sparse.length));
  return address === undefined ? undefined : { setting: { section, key, value: sparse + address }, address };
}

function written(settings: readonly Setting[]): string {
  return settings.map(({ section, key, value }) => `[${section}]\n${key} = ${JSON.stringify(value)}\n`).join("");
}
