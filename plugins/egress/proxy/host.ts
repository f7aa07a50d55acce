import { fail } from "../failures.ts";
import { proxySettings, ProxyUnreadable, type ProxySettings } from "./settings.ts";

/** The host's proxies. Throws EGRESS_PROXY_INVALID: dialling directly instead could be what the user's network forbids. */
export function readProxies(hostEnv: Readonly<Record<string, string | undefined>>): ProxySettings {
  try {
    return proxySettings(hostEnv);
  } catch (error) {
    if (!(error instanceof ProxyUnreadable)) throw error;
    throw fail("EGRESS_PROXY_INVALID", { variable: error.variable, why: error.message }, { cause: error });
  }
}
