import { createRequire } from "node:module";
import type { CanonicalName } from "../names/canonical-name.ts";

const require = createRequire(import.meta.url);

// Labels below which hosters put their customers; the list of suffixes can be asked about names, but not listed.
const HOSTING_LABELS = ["s3", "blob.core", "web.core", "file.core", "r2", "storage", "app", "apps", "pages", "cdn", "user", "dev", "web", "elb", "run", "cloudapp"];

/** What a wildcard would stand for. */
export type Breadth =
  /** Everybody's: any name below a top level domain or the like. */
  | { readonly kind: "public" }
  /** Names that strangers can rent, below this suffix. */
  | { readonly kind: "shared"; readonly suffix: string }
  | { readonly kind: "own" };

/** Whose names lie below a name, by the Public Suffix List. The list takes 20 ms to load, so only wildcards cause it. */
export function breadthBelow(base: CanonicalName): Breadth {
  const { parse } = require("tldts") as typeof import("tldts");
  const suffixOf = (name: string) => {
    const { publicSuffix, isPrivate } = parse(name, { allowPrivateDomains: true, validateHostname: false });
    return { suffix: publicSuffix, shared: isPrivate === true };
  };
  const { suffix, shared } = suffixOf(base);
  if (suffix === base) return shared ? { kind: "shared", suffix: base } : { kind: "public" };
  for (const label of ["tenant", ...HOSTING_LABELS.map((name) => `tenant.${name}`)]) {
    const below = suffixOf(`${label}.${base}`);
    if (below.shared && below.suffix?.endsWith(`.${base}`)) return { kind: "shared", suffix: below.suffix };
  }
  return { kind: "own" };
}
