import type { Swap } from "../gateway/secrets/swap.ts";
import { KNOWN } from "./known.ts";
import type { SecretEntry, Source } from "./options.ts";
import { placeholderFor } from "./placeholder.ts";
import { readSource, type SourceReach } from "./source.ts";

/** A secret with all that its entry says; what it does not say comes from the ready-made entry of its name. */
export interface Secret {
  readonly name: string;
  readonly source: Source;
  readonly hosts: readonly string[];
  readonly place: readonly ("basic" | { readonly header: string } | { readonly query: string })[];
  readonly variable: string | undefined;
}

/** The entries of the table, completed. */
export function secretsOf(table: Readonly<Record<string, SecretEntry>>): readonly Secret[] {
  return Object.entries(table).map(([name, entry]) => {
    const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
    const source = entry.source ?? known?.source;
    if (!source) throw new Error(`the secret "${name}" has no source`); // the schema refuses it
    return { name, source, hosts: entry.hosts ?? known?.hosts ?? [], place: entry.place ?? known?.place ?? [], variable: entry.variable ?? known?.variable };
  });
}

/** Reads every secret, all at once, and gives each its placeholder. Throws CREDENTIALS_SECRET_UNUSABLE for the first that cannot be used. */
export async function readSecrets(secrets: readonly Secret[], reach: SourceReach): Promise<readonly Swap[]> {
  return await Promise.all(secrets.map(async ({ name, source, hosts, place }) => {
    const value = await readSource(`credentials.secrets.${name}`, source, reach);
    return { name, placeholder: placeholderFor(value), value, hosts, places: place.map((each) => (each === "basic" ? { basic: true as const } : each)) };
  }));
}

/** Puts placeholders in the places of the values that a text holds; undefined when it holds none. */
export function disguiseWith(swaps: readonly Swap[]): (text: string) => string | undefined {
  return (text) => {
    const clean = swaps.reduce((rest, { value, placeholder }) => rest.replaceAll(value, () => placeholder), text);
    return clean === text ? undefined : clean;
  };
}
