import { join } from "node:path";
import { cleanAddress, rulesFor } from "./addresses.ts";
import { authoritiesAt } from "./authorities.ts";
import type { Preset } from "./preset.ts";

/** The mirrors that the host's docker is configured with; the option docker.mirror sets the guest's engine to one of them. */
export const docker: Preset = async (host) => {
  const files = ["/etc/docker/daemon.json", join(host.home, ".config/docker/daemon.json")];
  const addresses = files.flatMap((file) => mirrorsOf(host.read(file) ?? "")).flatMap((address) => cleanAddress(address) ?? []);
  return addresses.length > 0
    ? { rules: rulesFor(addresses), authorities: addresses.flatMap((address) => authoritiesAt(host, `/etc/docker/certs.d/${new URL(address).host}/ca.crt`)) }
    : { why: "the host's docker is configured with no registry mirror, and does not say where it gets images from" };
};

function mirrorsOf(text: string): readonly string[] {
  try {
    const { "registry-mirrors": mirrors } = JSON.parse(text) as { "registry-mirrors"?: unknown };
    return Array.isArray(mirrors) ? mirrors.filter((mirror) => typeof mirror === "string") : [];
  } catch {
    return [];
  }
}
