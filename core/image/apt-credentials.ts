import { join } from "node:path";
import { hide } from "../support/log.ts";
import type { AptSource } from "./apt-sources.ts";
import { namesIn, textOf } from "./apt-files.ts";

/** A login that apt shows to a host; format of apt_auth.conf(5). */
interface Login {
  /** `host[:port][/path]`, maybe with a protocol before it. */
  readonly machine: string;
  readonly user: string;
  readonly password: string;
}

/**
 * The content of an `auth.conf` with the logins for these sources alone: those of the host's apt and those that stood in
 * addresses. Every password in it is hidden from logs from now on. Empty when none is needed.
 */
export function credentialsFor(sources: readonly AptSource[], folder = "/etc/apt"): string {
  const hosts = new Set(sources.map((source) => new URL(source.uri).host));
  const own = sources.flatMap(({ uri, login }) => (login ? [{ machine: uri, ...login }] : []));
  const known = hostLogins(folder).filter(({ machine }) => hosts.has(hostOf(machine)));
  const logins = [...own, ...known];
  for (const { user, password } of logins) hideLogin(user, password);
  const lines = logins.map(({ machine, user, password }) => `machine ${machine} login ${user} password ${password}\n`);
  return [...new Set(lines)].join("");
}

/** From now on neither the password nor its forms in an address or a header are shown. */
export function hideLogin(user: string, password: string): void {
  if (password === "") return;
  hide(password);
  hide(`${user}:${password}`);
}

function hostLogins(folder: string): Login[] {
  const parts = join(folder, "auth.conf.d");
  const names = namesIn(parts).filter((name) => name.endsWith(".conf")).sort();
  return [join(folder, "auth.conf"), ...names.map((name) => join(parts, name))].flatMap((path) => parseNetrc(textOf(path)));
}

/** Reads the netrc-like format of apt's auth.conf. */
export function parseNetrc(text: string): Login[] {
  const words = text.replace(/^\s*#.*$/gm, "").split(/\s+/).filter((word) => word !== "");
  const logins: { machine: string; user: string; password: string }[] = [];
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [key, value = ""] = words.slice(at, at + 2);
    if (key === "machine") logins.push({ machine: value, user: "", password: "" });
    const last = logins.at(-1);
    if (last && key === "login") last.user = value;
    if (last && key === "password") last.password = value;
  }
  return logins;
}

function hostOf(machine: string): string {
  return machine.replace(/^[a-z+]+:\/\//, "").replace(/\/.*$/, "");
}
