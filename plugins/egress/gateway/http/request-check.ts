import { canonicalName } from "../../names/canonical-name.ts";
import { literalAddress, type Destination } from "../../names/destination.ts";
import { readPort } from "../../policy/rule.ts";

const HTTP_PORT = 80;
const HTTPS_PORT = 443;

/** What of a request's head decides about it. */
export interface RequestHead {
  readonly method: string;
  /** The request target as it came. */
  readonly url: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
}

/** Why a request may not pass to this host and port; undefined when it may. One Host, equal to the name, and a plain path. */
export function whyRefused(head: RequestHead, name: Destination, port: number, secure = false): string | undefined {
  const hosts = head.rawHeaders.filter((_, index) => index % 2 === 1 && head.rawHeaders[index - 1]?.toLowerCase() === "host");
  const [host, ...more] = hosts;
  if (host === undefined) return "it has no Host";
  if (more.length > 0) return "it has more than one Host";
  const [hostName = "", hostPort, ...rest] = host.split(":");
  const portMeant = hostPort === undefined ? (secure ? HTTPS_PORT : HTTP_PORT) : readPort(hostPort);
  if (rest.length > 0 || (canonicalName(hostName) ?? literalAddress(hostName)) !== name || portMeant !== port) return `its Host is ${host}`;
  const isPath = head.url.startsWith("/") || (head.url === "*" && head.method === "OPTIONS");
  return isPath ? undefined : "it asks for another target than a path";
}
