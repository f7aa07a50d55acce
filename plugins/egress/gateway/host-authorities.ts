import tls from "node:tls";
import { extraAuthorities } from "./extra-authorities.ts";
import { systemBundle } from "./system-bundle.ts";

let found: readonly string[] | undefined;

/** Whom the host trusts: the system's authorities, a company's among them, and those of Node where the system names none. */
export function hostAuthorities(): readonly string[] {
  found ??= ofSystem();
  return [...found, ...extraAuthorities()];
}

function ofSystem(): readonly string[] {
  const bundle = systemBundle();
  if (bundle !== undefined) return [bundle];
  const asked = "getCACertificates" in tls ? tls.getCACertificates("system") : [];
  return asked.length > 0 ? asked : tls.rootCertificates;
}
