import { canonicalName } from "../names/canonical-name.ts";
import { readPort } from "./rule.ts";

/** Where connections to one host and port go instead of the host's own address. Plain data: it crosses to the gateway. */
export interface Upstream {
  /** `host:port` as the guest dials it, the host in canonical form. */
  readonly target: string;
  /** Where to dial; where the name itself leads, when not given. */
  readonly address?: string;
  readonly port: number;
  /** The host speaks plain HTTP, though the guest speaks TLS: what is taken off here is not put on again. Only where it is intercepted. */
  readonly plain?: boolean;
  /** Certificates in PEM that are trusted for it besides the host's, when it is intercepted. */
  readonly ca?: string;
}

const TLS_PORT = 443;

/** The `host:port` that a key of `egress.upstreams` means; the port is 443 when not given. Undefined when it is no such key. */
export function readUpstreamKey(text: string): string | undefined {
  const [hostText = "", portText, ...rest] = text.split(":");
  const host = canonicalName(hostText);
  const port = portText === undefined ? TLS_PORT : readPort(portText);
  return host === undefined || port === undefined || rest.length > 0 ? undefined : `${host}:${port}`;
}

/** What the user says of a place wins over what a plugin says, but for how its host speaks. */
export function withLed(upstreams: readonly Upstream[], led: readonly Upstream[]): readonly Upstream[] {
  const known = new Map(upstreams.map((upstream) => [upstream.target, upstream]));
  const plain = new Set(led.flatMap((upstream) => (upstream.plain === true ? [upstream.target] : [])));
  const others = led.filter(({ target }) => !known.has(target));
  return [...upstreams.map((upstream) => (plain.has(upstream.target) ? { ...upstream, plain: true } : upstream)), ...others];
}
