import { hostSources } from "../../../core/index.ts";
import { cleanAddress, rulesFor } from "./addresses.ts";
import type { Preset } from "./preset.ts";

/** Where the host's apt gets packages from; the guest's image has the same sources. */
export const apt: Preset = async () => {
  const addresses = hostSources().flatMap(({ uri }) => cleanAddress(uri) ?? []);
  return addresses.length > 0 ? { rules: rulesFor(addresses) } : { why: "the host's apt has no source that a guest can use" };
};
