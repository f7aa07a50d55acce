import { Resolver } from "node:dns/promises";

/** Asks the DNS for the addresses of a name: IPv4 first, then IPv6; at least one, or it throws. */
export type Resolve = (name: string) => Promise<readonly string[]>;

const TIMEOUT_MS = 3_000;
const TRIES = 2;
const FRESH_MS = 30_000;

/**
 * A resolver that asks the servers the host is configured for, and them only: no hosts file, no search domains, no mDNS, as
 * getaddrinfo would. The configuration is read anew now and then, since a laptop changes networks.
 */
export function systemResolver(): Resolve {
  let resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
  let madeAt = performance.now();
  return async (name) => {
    if (performance.now() - madeAt > FRESH_MS) {
      resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES });
      madeAt = performance.now();
    }
    const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const addresses = [four, six].flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
    if (addresses.length === 0 && four.status === "rejected") throw four.reason;
    return addresses;
  };
}
