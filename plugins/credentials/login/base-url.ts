import { isIP } from "node:net";
import { fail } from "../failures.ts";

/** Where the host's ANTHROPIC_BASE_URL leads, in terms of the guest. */
export interface BaseUrl {
  readonly host: string;
  readonly port: number;
  /** "" or such as "/anthropic". */
  readonly base: string;
  /** As the user knows it. */
  readonly shown: string;
  /** Where the gateway dials, and without TLS. */
  readonly plain?: { readonly address?: string; readonly port: number };
}

// The guest speaks TLS with the gateway, whatever the host at the other end speaks; a bare address or this host itself needs a name for it.
const NAME_IN_GUEST = "model-gateway.internal";
const HTTPS = 443;
const HTTP = 80;
const LOOPBACK = "127.0.0.1";

/** Reads it; throws CREDENTIALS_SERVICE_UNUSABLE for what cannot be brokered. */
export function readBaseUrl(text: string): BaseUrl {
  const bad = (why: string) => fail("CREDENTIALS_SERVICE_UNUSABLE", { variable: "ANTHROPIC_BASE_URL", why });
  if (!URL.canParse(text)) throw bad("it is not an address");
  const { protocol, hostname, port: given, pathname, username, password, search, host: shown } = new URL(text);
  if (protocol !== "https:" && protocol !== "http:") throw bad("only https and http are brokered");
  if (username !== "" || password !== "" || search !== "") throw bad("it holds more than a host and a path");
  const base = pathname.replace(/\/+$/, "");
  if (!/^(\/[\w.-]+)*$/.test(base)) throw bad("its path is not a plain one");
  const bare = hostname.replace(/^\[(.*)\]$/, "$1");
  const address = isIP(bare) !== 0 ? bare : /(^|\.)localhost$/.test(bare) ? LOOPBACK : undefined;
  if (protocol === "https:") {
    if (address !== undefined) throw bad("over https it needs a name that a certificate can be for; over http an address will do");
    return { host: hostname, port: given === "" ? HTTPS : Number(given), base, shown };
  }
  const port = given === "" ? HTTP : Number(given);
  if (address !== undefined) return { host: NAME_IN_GUEST, port: HTTPS, base, shown, plain: { address, port } };
  // the guest's port 80 is for what it says without TLS
  return { host: hostname, port: port === HTTP ? HTTPS : port, base, shown, plain: { port } };
}
