import { hide } from "../../../core/index.ts";
import { canonicalName } from "../names/canonical-name.ts";
import { literalAddress } from "../names/destination.ts";
import type { RuleText } from "../policy/rule.ts";

const PORTS: Readonly<Record<string, number>> = { "https:": 443, "http:": 80 };

/** An address of a registry without its login, which no log shows from now on; undefined when a guest cannot use it. */
export function cleanAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (PORTS[url.protocol] === undefined) return undefined;
  for (const secret of [url.username, url.password]) if (secret !== "") hide(decodeURIComponent(secret));
  url.username = "";
  url.password = "";
  return canonicalName(url.hostname) === undefined && literalAddress(url.hostname) === undefined ? undefined : url.href;
}

/** Rules for the hosts of addresses that the host is configured to use; they may lie in a private network. */
export function rulesFor(addresses: readonly string[]): readonly RuleText[] {
  const hosts = addresses.map((address) => new URL(address)).map(({ hostname, port, protocol }) => `${hostname}:${port || PORTS[protocol]}`);
  return [...new Set(hosts)].map((host) => ({ host, private: true }));
}
