import { isObject, type Left } from "./pick.ts";
import { secretInValue } from "./suspicious.ts";

/** Puts placeholders where a text holds a secret that the gateway knows; undefined when it holds none. */
export type Disguise = (text: string) => string | undefined;

const WORD = /^[^\p{Cc}]{1,500}$/u;
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,100}$/;
// What cannot be a secret: numbers, switches, levels, and names of variables that the guest fills in itself.
const HARMLESS = /^(\d{1,6}|true|false|yes|no|on|off|debug|info|warn|error|production|development|stdio|\$\{[A-Z_][A-Z0-9_]*\})$/i;

/**
 * One MCP server as it may cross, or why it may not at all. Values of its environment and headers stay behind, unless they are
 * harmless or hold a secret of `credentials.secrets`, which goes as its placeholder.
 */
export function mcpServer(server: unknown, disguise: Disguise, left: Left): Record<string, unknown> | { readonly why: string } {
  if (!isObject(server)) return { why: "it is not an object" };
  const { type = "stdio", command, args = [], env = {}, url, headers = {} } = server;
  if (type === "http" || type === "sse") return remote(type, url, headers, disguise, left);
  if (type !== "stdio") return { why: "it is of a kind that is not known" };
  if (typeof command !== "string" || !WORD.test(command) || secretInValue(command) !== undefined) return { why: "its command is not as it should be" };
  if (!Array.isArray(args) || !args.every((word) => typeof word === "string" && WORD.test(word))) return { why: "its arguments are not as they should be" };
  const words = (args as string[]).map((word) => disguise(word) ?? (secretInValue(word) === undefined && !/=/.test(word) ? word : undefined));
  const bad = words.indexOf(undefined);
  if (bad >= 0) return { why: `its argument ${bad + 1} could hold a secret` };
  return { type, command, args: words, env: values(env, "env", disguise, left) };
}

function remote(type: string, url: unknown, headers: unknown, disguise: Disguise, left: Left): Record<string, unknown> | { readonly why: string } {
  if (typeof url !== "string" || !URL.canParse(url)) return { why: "its address is not one" };
  const { protocol, username, password, search, hash, pathname } = new URL(url);
  if (protocol !== "https:" && protocol !== "http:") return { why: "its address is neither http nor https" };
  const isPlain = username === "" && password === "" && search === "" && hash === "" && pathname.split("/").every((part) => secretInValue(part) === undefined);
  const disguised = isPlain ? url : disguise(url);
  if (disguised === undefined) return { why: "its address could hold a secret" };
  return { type, url: disguised, headers: values(headers, "headers", disguise, left) };
}

function values(given: unknown, at: string, disguise: Disguise, left: Left): Record<string, string> {
  if (!isObject(given)) return {};
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]): [string, string][] => {
    if (typeof value !== "string" || !NAME.test(name)) return [];
    const shown = disguise(value) ?? (HARMLESS.test(value) ? value : undefined);
    if (shown !== undefined) return [[name, shown]];
    left(`${at}.${name}`, "it may be a secret; name it in credentials.secrets, and its placeholder crosses");
    return [];
  }));
}
