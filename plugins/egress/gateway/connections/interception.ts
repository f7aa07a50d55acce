import { isLiteral, type Destination } from "../../names/destination.ts";
import type { Authority } from "../tls/authority.ts";
import type { ContextFor } from "../tls/host-trust.ts";
import type { Doorkeeper } from "./door.ts";

/** What taking TLS off and putting it on again needs. */
export interface Interception {
  /** Signs for the hosts; undefined when nothing was to be intercepted as the session began, so that the guest trusts nobody. */
  readonly authority: Authority | undefined;
  readonly contextFor: ContextFor;
  /** Each `host:port` that speaks plain HTTP, so that TLS is not put on again. */
  readonly plain: ReadonlySet<string>;
}

/** Of a session in which nothing is intercepted. */
export const NO_INTERCEPTION: Interception = {
  authority: undefined,
  plain: new Set(),
  contextFor: () => { throw new Error("nothing is intercepted in this session"); },
};

/** Of a client that agreed on TLS and then hung up, as some do that look at a certificate afterwards. */
export const ASKED_NOTHING = "the client asked for nothing; it may not trust the certificate of cloche";

/** A greeting that asks for the name of its target. */
export interface Greeting {
  /** All bytes that came so far. */
  readonly bytes: Buffer;
  /** The protocols that the client offers (ALPN). */
  readonly protocols: readonly string[];
}

const HTTP_PORT = 80;

/** Whether a connection's requests are to be seen, because of a rule about requests or for another plugin; or why it cannot be had. */
export async function isIntercepted(name: Destination, port: number, { policy, parts, interception }: Doorkeeper): Promise<boolean | { readonly why: string }> {
  if (port === HTTP_PORT || isLiteral(name)) return false;
  try {
    const wanted = policy.needsInterception(name, port) || (!parts.none && (await parts.intercepts(name, port)));
    if (wanted && !interception.authority) return { why: "its requests have to be seen, which was not foreseen when the session began" };
    return wanted;
  } catch (error) {
    return { why: (error as Error).message };
  }
}
