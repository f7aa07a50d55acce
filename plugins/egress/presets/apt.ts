import { hostSources, sourcesFor } from "../../../core/index.ts";
import { cleanAddress, rulesFor } from "./addresses.ts";
import { authoritiesAt } from "./authorities.ts";
import type { Preset, PresetHost } from "./preset.ts";

// which release is asked for says nothing of where it comes from
const ANY = "stable";
// for all mirrors, or for the one whose name stands between
const TRUSTED = /^Acquire::https::(?:[^:"]+::)?CaInfo "([^"]+)";$/gim;

/** Where the host's apt gets Debian itself from; the guest's image has the same sources, and no other vendor's. */
export const apt: Preset = async (host) => {
  const addresses = sourcesFor(ANY, hostSources()).flatMap(({ uri }) => cleanAddress(uri) ?? []);
  if (addresses.length === 0) return { why: "the host's apt names no source of Debian that a guest can use; what image.mirror names is to be allowed by a rule" };
  const authorities = addresses.some((address) => address.startsWith("https:")) ? await aptAuthorities(host) : [];
  return { rules: rulesFor(addresses), authorities };
};

/** What the host's apt is told to trust of mirrors that speak TLS. */
export async function aptAuthorities(host: PresetHost): Promise<readonly string[]> {
  const said = (await host.ask("apt-config", "dump")) ?? "";
  return [...said.matchAll(TRUSTED)].flatMap(([, path = ""]) => authoritiesAt(host, path));
}
