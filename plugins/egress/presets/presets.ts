import { apt } from "./apt.ts";
import { cargo } from "./cargo.ts";
import { docker } from "./docker.ts";
import { github } from "./github.ts";
import { maven } from "./maven.ts";
import { npm } from "./npm.ts";
import { pip } from "./pip.ts";
import type { Trusted } from "../gateway/protocol.ts";
import type { Preset, PresetHost, Resolved } from "./preset.ts";

/** The presets by their names. */
export const PRESETS = { npm, pip, apt, cargo, maven, docker, github } as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof PRESETS;

/** What presets come to together, and those that cannot be had here. */
export interface Presets {
  readonly resolved: readonly (Resolved & { readonly name: PresetName })[];
  readonly missing: readonly { readonly name: PresetName; readonly why: string }[];
}

/** Resolves the presets side by side; each asks the host alone. */
export async function resolvePresets(names: readonly PresetName[], host: PresetHost): Promise<Presets> {
  const all = await Promise.all([...new Set(names)].map(async (name) => ({ name, resolution: await PRESETS[name](host) })));
  return {
    resolved: all.flatMap(({ name, resolution }) => ("rules" in resolution ? [{ name, ...resolution }] : [])),
    missing: all.flatMap(({ name, resolution }) => ("why" in resolution ? [{ name, why: resolution.why }] : [])),
  };
}

/** What each host of a preset is trusted by besides, for the gateway that may have to look into its TLS. */
export function trustedFor({ resolved }: Presets): readonly Trusted[] {
  return resolved.flatMap(({ rules, authorities = [] }) => {
    const hosts = rules.flatMap((rule) => (typeof rule === "string" ? [] : [rule.host]));
    return authorities.length === 0 ? [] : hosts.map((target) => ({ target, ca: authorities.join("\n") }));
  });
}
