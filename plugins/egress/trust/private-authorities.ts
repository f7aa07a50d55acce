import { X509Certificate } from "node:crypto";
import { type Dirent, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { systemBundle } from "../gateway/system-bundle.ts";
import { certificatesIn, hostExtraAuthorities, writtenCertificates } from "./certificates.ts";

/** Where administrators put authorities of their own, for Debian and Alpine, Fedora, openSUSE and Arch to take into the system's store. */
export const ANCHORS: readonly string[] = ["/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors", "/etc/pki/trust/anchors", "/etc/ca-certificates/trust-source/anchors"];

const require = createRequire(import.meta.url);
const LARGEST_BYTES = 1024 * 1024;
const MOST_FILES = 1_000;

/**
 * The authorities, each in PEM, that this host was made to trust beyond the public ones: a company's, by which its mirrors and whoever
 * looks into its TLS are signed. They are what its administrator added to the system's store, as far as they are in force there, and
 * what the user's variables name.
 */
export async function privateAuthorities(hostEnv: Readonly<Record<string, string | undefined>>, folders = ANCHORS, bundle = systemBundle()): Promise<readonly string[]> {
  const added = folders.flatMap(anchorsIn);
  const inForce = new Set(added.length === 0 ? [] : writtenCertificates(bundle ?? "").map(bare));
  return withoutPublic([...added.filter((pem) => inForce.has(bare(pem))), ...(await hostExtraAuthorities(hostEnv))]);
}

/** Those of the certificates that are not public authorities known to everybody, each once; a bundle often holds both. */
export function withoutPublic(certificates: readonly string[]): readonly string[] {
  if (certificates.length === 0) return [];
  // TLS takes 20 ms to load, and few hosts have anything to compare
  known ??= new Set((require("node:tls") as typeof import("node:tls")).rootCertificates.map(bare));
  return [...new Set(certificates)].filter((pem) => known?.has(bare(pem)) !== true);
}

let known: ReadonlySet<string> | undefined;

function bare(pem: string): string {
  return pem.replace(/\s/g, "");
}

function anchorsIn(folder: string): readonly string[] {
  return entriesOf(folder).flatMap((entry) => {
    try {
      const path = join(entry.parentPath, entry.name);
      if (!statSync(path).isFile() || statSync(path).size > LARGEST_BYTES) return [];
      const content = readFileSync(path);
      const certificates = certificatesIn(content.toString("latin1"));
      return certificates.length > 0 ? certificates : [new X509Certificate(content).toString().trimEnd()]; // Fedora and Arch take DER too
    } catch {
      return []; // no certificate, or none for us to read
    }
  });
}

function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive: true }).slice(0, MOST_FILES);
  } catch {
    return [];
  }
}
