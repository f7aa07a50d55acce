import { isIPv6Address } from "../addresses/parse.ts";
import { readHostPattern, showPattern, type HostPattern } from "./host-pattern.ts";
import { whyNoPathPattern } from "./path-pattern.ts";

/** What may be reached, or may not. Plain data: it crosses to the gateway as it is. */
export interface Rule {
  readonly host: HostPattern;
  /** TCP ports; none means every port, which only a denial can say. */
  readonly ports: readonly number[];
  /** Requests that it is about; all when not given. The gateway sees them in plain HTTP and where it intercepts. */
  readonly methods?: readonly string[];
  /** Paths that it is about, exact or up to a final star; all when not given. */
  readonly paths?: readonly string[];
  /** The host may have an address of a private network. */
  readonly private?: boolean;
  /** Who asked for it: "egress.allow", a plugin's name, a preset, or the user while the session runs. */
  readonly by: string;
}

/** A rule as the user writes it: a text, or an object that says more. */
export type RuleText =
  | string
  | {
      readonly host: string;
      readonly ports?: readonly number[] | undefined;
      readonly methods?: readonly string[] | undefined;
      readonly paths?: readonly string[] | undefined;
      readonly private?: boolean | undefined;
    };

/** A rule read, with the suffix that strangers share when its wildcard covers one; or why it cannot be one. */
export type RuleReading = { readonly rule: Omit<Rule, "by">; readonly shared?: string } | { readonly why: string };

/** The ports that an allowing rule means when it names none: https and http. */
export const DEFAULT_PORTS: readonly number[] = [443, 80];

/** Ports where others listen in the jail already (the SSH door, our DNS): a name or an address there gets a listener of its own, so none can be made up. */
export const TAKEN_PORTS: ReadonlySet<number> = new Set([22, 53]);

const METHOD = /^[A-Z]+(?:-[A-Z]+)*$/;

/**
 * Reads `host`, `host:port`, `*.domain`, `*.domain:port`, an address with or without port (IPv6 in brackets), or the object form.
 * Nothing else is a rule: what cannot be enforced exactly is refused, never guessed at.
 */
export function readRule(written: RuleText, purpose: "allow" | "deny" = "allow"): RuleReading {
  const object = typeof written === "string" ? { host: written } : written;
  const unfit = whyUnfit(object.host);
  if (unfit !== undefined) return { why: unfit };
  const split = splitPort(object.host);
  if (split === undefined) return { why: "it is neither a host name nor host:port" };
  const port = split.port === undefined ? undefined : readPort(split.port);
  if (split.port !== undefined && port === undefined) return { why: "its port is not a number from 1 to 65535" };
  if (port !== undefined && object.ports !== undefined) return { why: "it names its port twice" };
  const pattern = readHostPattern(split.host);
  if ("why" in pattern) return pattern;
  const why = whyUnfitObject(object, pattern.host);
  if (why !== undefined) return { why };
  const { methods, paths } = object;
  const ports = port === undefined ? (object.ports ?? (purpose === "allow" ? DEFAULT_PORTS : [])) : [port];
  if (purpose === "allow" && pattern.host.kind === "below" && ports.some((one) => TAKEN_PORTS.has(one))) return { why: "ports 22 and 53 are allowed for whole names only, not for all below one" };
  const rule = {
    host: pattern.host, ports,
    ...(methods === undefined ? {} : { methods }),
    ...(paths === undefined ? {} : { paths }),
    ...(object.private === true ? { private: true } : {}),
  };
  return { rule, ...(pattern.shared === undefined ? {} : { shared: pattern.shared }) };
}

/** The rule as a user could have written it, for people and logs. */
export function showRule({ host, ports, methods, paths, private: isPrivate }: Omit<Rule, "by">): string {
  const usual = ports.length === 0 || (ports.length === 2 && DEFAULT_PORTS.every((port) => ports.includes(port)));
  const requests = [...(methods ? [methods.join("|")] : []), ...(paths ? [paths.join("|")] : []), ...(isPrivate ? ["private"] : [])];
  return `${showPattern(host)}${usual ? "" : `:${ports.join(",")}`}${requests.length > 0 ? ` (${requests.join(" ")})` : ""}`;
}

/** Whether the rule is about some requests only, so that it needs to see them. */
export function isAboutRequests({ methods, paths }: Rule): boolean {
  return methods !== undefined || paths !== undefined;
}

/** A port number in its one decimal notation; undefined for anything else. */
export function readPort(text: string): number | undefined {
  const port = /^[1-9][0-9]{0,4}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : undefined;
}

function splitPort(text: string): { readonly host: string; readonly port: string | undefined } | undefined {
  if (isIPv6Address(text)) return { host: text, port: undefined };
  const match = /^(\[[^\]]*\]|[^:[\]]*)(?::([^:]*))?$/.exec(text);
  return match ? { host: match[1] ?? "", port: match[2] } : undefined;
}

function whyUnfit(text: string): string | undefined {
  if (text === "") return "it is empty";
  if (text.includes("://")) return "write the host alone, without a scheme";
  if (/^[A-Z]+ /.test(text)) return "write methods in the object form, { host, methods }";
  if (/\/[0-9]{1,3}$/.test(text)) return "ranges of addresses cannot be allowed; name each";
  if (text.includes("/")) return "write paths in the object form, { host, paths }";
  return /[^\x00-\x7f]/.test(text) ? "write names beyond ASCII in their xn-- form" : undefined;
}

function whyUnfitObject(rule: Exclude<RuleText, string>, host: HostPattern): string | undefined {
  if (rule.ports?.length === 0) return "its list of ports is empty";
  if (rule.ports?.some((port) => readPort(String(port)) === undefined)) return "its port is not a number from 1 to 65535";
  if (rule.methods?.length === 0 || rule.methods?.some((method) => !METHOD.test(method))) return "its methods are no names of HTTP methods, such as GET";
  if (rule.paths?.length === 0) return "its list of paths is empty";
  const why = rule.paths?.map(whyNoPathPattern).find((reason) => reason !== undefined);
  if (why !== undefined) return why;
  return rule.private === true && host.kind === "below" ? 'only one host can be "private", not all below a name' : undefined;
}
