import type { DockerOptions } from "./options.ts";

/** Where the engine keeps images and containers: on the scratch disk when the machine has one, else in RAM. */
export const DATA_ROOT = "/var/lib/docker";

/**
 * The engine's configuration file, as `dockerd` documents it. The engine is told of a mirror without its credentials, since the guest
 * reads this file; logs are bounded, since they lie in RAM; and systemd's way to cgroups needs a login manager that is not there. The
 * agent reaches the engine of root because its socket is of the agent's group.
 */
export function daemonConfiguration({ mirror }: DockerOptions): string {
  const configuration = {
    "data-root": DATA_ROOT,
    group: "agent",
    "exec-opts": ["native.cgroupdriver=cgroupfs"],
    "log-level": "warn",
    "log-driver": "json-file",
    "log-opts": { "max-size": "10m", "max-file": "2" },
    ...mirrorSettings(mirror),
  };
  return `${JSON.stringify(configuration, undefined, 2)}\n`;
}

/** The rule by which the guest may reach the mirror, `host:port`; undefined without one. */
export function mirrorRule(mirror: string | undefined): string | undefined {
  if (mirror === undefined) return undefined;
  const { hostname, port, protocol } = new URL(mirror);
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

function mirrorSettings(mirror: string | undefined): Readonly<Record<string, unknown>> {
  if (mirror === undefined) return {};
  const url = new URL(mirror);
  url.username = url.password = "";
  return { "registry-mirrors": [url.href], ...(url.protocol === "http:" && { "insecure-registries": [url.host] }) };
}
