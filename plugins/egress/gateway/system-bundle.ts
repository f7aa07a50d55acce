import { readFileSync } from "node:fs";

/**
 * Where Debian, Fedora, openSUSE, Alpine and the BSDs keep what the system trusts. Node itself reads each certificate up to four
 * times, and before 22.15 it cannot be asked.
 */
export const BUNDLES: readonly string[] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"];

/** The certificates that the system trusts, in one text of PEM; undefined where it keeps them in another way. */
export function systemBundle(): string | undefined {
  return BUNDLES.flatMap(readOrNothing)[0];
}

function readOrNothing(path: string): string[] {
  try {
    return [readFileSync(path, "utf8")];
  } catch {
    return [];
  }
}
