import { X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { messageOf } from "../../../core/index.ts";
import { BUNDLES } from "../gateway/system-bundle.ts";
import { fail } from "../failures.ts";
import type { EgressOptions } from "../options.ts";

const LARGEST_BYTES = 1024 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** For each upstream of the user's that names a file, the certificates in it, each in PEM. Throws EGRESS_CA_UNREADABLE. */
export async function readCertificates(upstreams: EgressOptions["upstreams"]): Promise<ReadonlyMap<string, readonly string[]>> {
  const named = Object.entries(upstreams).flatMap(([key, { ca }]) => (ca === undefined ? [] : [[key, ca] as const]));
  return new Map(await Promise.all(named.map(async ([key, path]) => [key, await readPem(key, path)] as const)));
}

const HOST_VARIABLES = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];

/** The certificates, each in PEM, that the host's own programs trust besides the system's; files that cannot be read are left out. */
export async function hostExtraAuthorities(hostEnv: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> {
  const paths = HOST_VARIABLES.flatMap((name) => hostEnv[name] || []).filter((path) => !BUNDLES.includes(path));
  const found = await Promise.all(paths.map(async (path) => await readPem("the host", path).catch(() => [])));
  return [...new Set(found.flat())];
}

/** The certificates in a text, each as OpenSSL writes it in PEM; what cannot be read as one is left out. */
export function certificatesIn(text: string): readonly string[] {
  return (text.match(CERTIFICATE) ?? []).flatMap((pem) => {
    try {
      return [normalised(pem)];
    } catch {
      return [];
    }
  });
}

/** The certificates in a text as they stand there, which takes a hundredth of the time that reading them does. */
export function writtenCertificates(text: string): readonly string[] {
  return text.match(CERTIFICATE) ?? [];
}

async function readPem(host: string, path: string): Promise<readonly string[]> {
  try {
    const certificates = (await readBounded(path)).match(CERTIFICATE) ?? [];
    if (certificates.length === 0) throw new Error("there is no certificate in it.");
    return certificates.map(normalised);
  } catch (cause) {
    throw fail("EGRESS_CA_UNREADABLE", { host, path, reason: messageOf(cause) }, { cause });
  }
}

function normalised(certificate: string | Buffer): string {
  return new X509Certificate(certificate).toString().trimEnd();
}

async function readBounded(path: string): Promise<string> {
  const facts = await stat(path);
  if (!facts.isFile()) throw new Error("it is not a file.");
  if (facts.size > LARGEST_BYTES) throw new Error("it is larger than 1 MiB.");
  return await readFile(path, "utf8");
}
