import { hostSources, sourcesFor } from "../../../core/index.ts";
import { cleanAddress, rulesFor } from "./addresses.ts";
import type { Preset } from "./preset.ts";

// which release is asked for says nothing of where it comes from
const ANY = "stable";

/** Where the host's apt gets Debian itself from; the guest's image has the same sources, and no other vendor's. */
export const apt: Preset = async () => {
  const addresses = sourcesFor(ANY, hostSources()).flatMap(({ uri }) => cleanAddress(uri) ?? []);
  return addresses.length > 0 ? { rules: rulesFor(addresses) } : { why: "the host's apt names no source of Debian that a guest can use; what image.mirror names is to be allowed by a rule" };
};
