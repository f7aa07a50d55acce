import { createSecureContext, type SecureContext } from "node:tls";
import type { Upstream } from "../../policy/upstream.ts";
import { hostAuthorities } from "../host-authorities.ts";

/** Answers what decides whether the server at a `host:port` is the right one. */
export type ContextFor = (target: string) => SecureContext;

/** The host's trust, read when it is wanted first, and for single targets what `egress.upstreams` names beside it. */
export function hostTrust(upstreams: readonly Upstream[]): ContextFor {
  const added = new Map(upstreams.flatMap(({ target, ca }) => (ca === undefined ? [] : [[target, ca] as const])));
  const contexts = new Map<string, SecureContext>();
  return (target) => {
    const key = added.has(target) ? target : "";
    const context = contexts.get(key) ?? createSecureContext({ ca: [...hostAuthorities(), added.get(target) ?? ""].join("\n"), minVersion: "TLSv1.2" });
    contexts.set(key, context);
    return context;
  };
}
