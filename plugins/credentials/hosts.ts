import type { Services } from "../../core/index.ts";
import type { Way } from "./login/ways.ts";
import type { CredentialsOptions } from "./options.ts";
import { secretsOf } from "./secrets/table.ts";

/** Allows the hosts that the user named for secrets, for repositories and as a service. */
export function allowHosts(egress: Services["egress"], way: Way, options: CredentialsOptions): void {
  for (const { name, hosts } of secretsOf(options.secrets)) for (const host of hosts) egress.allow(`${host}:443`, `credentials.secrets.${name}`);
  for (const host of Object.keys(options.git)) egress.allow(`${host}:443`, "credentials.git");
  if (way.kind === "inside") egress.allow("platform.claude.com:443", "credentials.login");
  if (way.kind === "model gateway") egress.allow(`${way.gateway.host}:${way.gateway.port}`, "credentials.login");
}
