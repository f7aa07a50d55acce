import { readFileSync } from "node:fs";
import tls from "node:tls";

/**
 * Where Debian, Fedora, openSUSE, Alpine and the BSDs keep what the system trusts. Node itself reads each certificate up to four
 * times, and before 22.15 it cannot be asked.
 */
export const BUNDLES: readonly string[] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"];

let found: readonly string[] | undefined;
let extra: readonly string[] = [];

/** Trusts these certificates too, in PEM; call it before anything is verified. */
export function trustAlso(certificates: readonly string[]): void {
  extra = certificates;
  found = undefined;
}

/** Whom the host trusts: the system's authorities, a company's among them, and those of Node where the system names none. */
export function hostAuthorities(): readonly string[] {
  found ??= [...ofSystem(), ...extra];
  return found;
}

/** The certificates that the system trusts, in one text of PEM; undefined where it keeps them in another way. */
export function systemBundle(): string | undefined {
  return BUNDLES.flatMap(readOrNothing)[0];
}

function ofSystem(): readonly string[] {
  const bundle = systemBundle();
  if (bundle !== undefined) return [bundle];
  const asked = "getCACertificates" in tls ? tls.getCACertificates("system") : [];
  return asked.length > 0 ? asked : tls.rootCertificates;
}

function readOrNothing(path: string): string[] {
  try {
    return [readFileSync(path, "utf8")];
  } catch {
    return [];
  }
}
