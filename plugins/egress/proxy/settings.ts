import { hide } from "../../../core/index.ts";

/** A proxy of the host's own network, by which the gateway goes out. Plain data; holds a login, so it crosses to the gateway only. */
export interface Proxy {
  readonly kind: "http" | "https" | "socks5";
  readonly host: string;
  readonly port: number;
  readonly login?: { readonly user: string; readonly password: string };
}

/** Which connections go through which proxy. */
export interface ProxySettings {
  /** For port 80. */
  readonly plain?: Proxy;
  /** For everything else. */
  readonly secure?: Proxy;
  /** Hosts that are dialled directly, as NO_PROXY writes them. */
  readonly except: readonly string[];
}

type Environment = Readonly<Record<string, string | undefined>>;

const KINDS: Readonly<Record<string, { readonly kind: Proxy["kind"]; readonly port: number }>> = {
  "http:": { kind: "http", port: 80 },
  "https:": { kind: "https", port: 443 },
  "socks5:": { kind: "socks5", port: 1080 },
  "socks5h:": { kind: "socks5", port: 1080 },
};
const MOST_EXCEPTIONS = 1000;

/** A proxy variable that cannot be understood; the message holds no login. */
export class ProxyUnreadable extends Error {
  readonly variable: string;

  constructor(variable: string, why: string) {
    super(why);
    this.variable = variable;
  }
}

/** What the host's variables say, small letters first as curl reads them. Logins are hidden from logs. Throws ProxyUnreadable. */
export function proxySettings(env: Environment): ProxySettings {
  const read = (...names: readonly string[]): Proxy | undefined => {
    const name = names.find((candidate) => (env[candidate] ?? "") !== "");
    return name === undefined ? undefined : readProxy(name, env[name] ?? "");
  };
  const plain = read("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY");
  const secure = read("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY");
  const except = (env["no_proxy"] || env["NO_PROXY"] || "").split(/[\s,]+/).filter(Boolean).slice(0, MOST_EXCEPTIONS);
  return { ...(plain ? { plain } : {}), ...(secure ? { secure } : {}), except };
}

function readProxy(variable: string, text: string): Proxy {
  const written = text.includes("://") ? text : `http://${text}`;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  const kind = KINDS[url?.protocol ?? ""];
  if (!url || url.hostname === "") throw new ProxyUnreadable(variable, "it is no address");
  if (!kind) throw new ProxyUnreadable(variable, `proxies of the kind "${url.protocol.slice(0, -1)}" are not known; write http, https or socks5`);
  const login = url.username === "" ? undefined : { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  if (login?.password) hide(login.password);
  if (login) hide(Buffer.from(`${login.user}:${login.password}`).toString("base64"));
  const port = url.port === "" ? kind.port : Number(url.port);
  return { kind: kind.kind, host: url.hostname.replace(/^\[|\]$/g, ""), port, ...(login ? { login } : {}) };
}
