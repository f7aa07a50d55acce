import type { Services } from "../../core/index.ts";
import type { ModelGateway } from "./login/model-gateway.ts";
import type { Way } from "./login/ways.ts";
import type { CredentialsOptions } from "./options.ts";
import { secretsOf } from "./secrets/table.ts";

/** Allows the hosts that the user named for secrets, for repositories and as a service. */
export function allowHosts(egress: Services["egress"], way: Way, options: CredentialsOptions): void {
  for (const { name, hosts } of secretsOf(options.secrets)) for (const host of hosts) egress.allow(`${host}:443`, `credentials.secrets.${name}`);
  for (const host of Object.keys(options.git)) egress.allow(`${host}:443`, "credentials.git");
  if (way.kind === "inside") egress.allow("platform.claude.com:443", "credentials.login");
  if (way.kind === "model gateway") allowModelGateway(egress, way.gateway);
}

/** The user's variables name it, so that it may lie in a private network, and speak plain HTTP when they say so. */
function allowModelGateway(egress: Services["egress"], { host, port, plain, dialect }: ModelGateway): void {
  egress.allow({ host, ports: [port], ...(dialect === "anthropic" && { private: true }) }, "credentials.login");
  if (plain) egress.lead({ target: `${host}:${port}`, plain: true, ...plain });
}
