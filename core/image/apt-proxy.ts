import { hideLogin } from "./apt-credentials.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLES = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "all_proxy", "ALL_PROXY"];

// Where apt goes out through, and what it believes: apt-transport-http(1), apt-transport-https(1), and for snapshots apt.conf(5).
const SETTING =
  /^Acquire::(?:Check-Date|Check-Valid-Until|https?::(?:[^:"\s]+::)?(?:Proxy|CaInfo|CaPath|SslCert|SslKey|Verify-Peer|Verify-Host)(?:::[^"\s]*)?) ".*";$/i;

/** Of the host's `apt-config dump`, the lines that say how to reach the network; logins in them are hidden from logs. */
export function networkSettings(dump: string): string {
  const lines = dump.split("\n").filter((line) => SETTING.test(line) && !line.endsWith(' "";'));
  for (const line of lines) hideUserinfo(line);
  return lines.map((line) => `${line}\n`).join("");
}

/** The user's proxy variables, for programs that fetch on the host; logins in them are hidden from logs. */
export function proxyVariables(env: Environment = process.env): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of VARIABLES) {
    const value = env[name];
    if (value === undefined || value === "") continue;
    hideUserinfo(value);
    found[name] = value;
  }
  return found;
}

function hideUserinfo(text: string): void {
  const userinfo = /\/\/([^/@\s]*):([^/@\s]*)@/.exec(text);
  if (userinfo) hideLogin(userinfo[1] ?? "", userinfo[2] ?? "");
}
