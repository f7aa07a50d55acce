import { readFileSync } from "node:fs";
import { createSecureContext, rootCertificates, type SecureContext } from "node:tls";
import type { Upstream } from "../../policy/upstream.ts";

/** Where the host keeps what it trusts, as its own programs are told by their environment. Plain data. */
export interface HostTrust {
  /** Replaces the system's bundle: the host's SSL_CERT_FILE. */
  readonly bundle?: string;
  /** Added to it: the host's NODE_EXTRA_CA_CERTS. */
  readonly extra?: string;
}

/** The bundles of Debian, Fedora, openSUSE, Alpine and the BSDs, in the order in which others look too. */
const BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
];

/** Answers what decides whether the server at a `host:port` is the right one. */
export type ContextFor = (target: string) => SecureContext;

/**
 * The host's trust, read when it is wanted first: its system's certificates, or Node's own when it has none, what its environment
 * adds, and for single targets what `egress.upstreams` names.
 */
export function hostTrust({ bundle, extra }: HostTrust, upstreams: readonly Upstream[]): ContextFor {
  const added = new Map(upstreams.flatMap(({ target, ca }) => (ca === undefined ? [] : [[target, ca] as const])));
  const contexts = new Map<string, SecureContext>();
  const common = (): string[] => [
    (bundle === undefined ? undefined : read(bundle)) ?? BUNDLES.map(read).find((pem) => pem !== undefined) ?? rootCertificates.join("\n"),
    ...(extra === undefined ? [] : [read(extra) ?? ""]),
  ];
  return (target) => {
    const key = added.has(target) ? target : "";
    const context = contexts.get(key) ?? createSecureContext({ ca: [...common(), added.get(target) ?? ""].join("\n"), minVersion: "TLSv1.2" });
    contexts.set(key, context);
    return context;
  };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // not this distribution's place
  }
}
