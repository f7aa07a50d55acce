import { createSecureContext, type SecureContext } from "node:tls";
import { hostAuthorities } from "../host-authorities.ts";
import type { Trusted } from "../protocol.ts";

/** Answers what decides whether the server at a `host:port` is the right one. */
export type ContextFor = (target: string) => SecureContext;

/** The host's trust, read when it is wanted first, and for single targets what is trusted beside it. */
export function hostTrust(trusted: readonly Trusted[]): ContextFor {
  const added = Map.groupBy(trusted, ({ target }) => target);
  const contexts = new Map<string, SecureContext>();
  return (target) => {
    const more = (added.get(target) ?? []).map(({ ca }) => ca);
    const key = more.length > 0 ? target : "";
    const context = contexts.get(key) ?? createSecureContext({ ca: [...hostAuthorities(), ...more].join("\n"), minVersion: "TLSv1.2" });
    contexts.set(key, context);
    return context;
  };
}
