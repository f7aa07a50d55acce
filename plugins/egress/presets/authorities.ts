import { isAbsolute } from "node:path";
import { BUNDLES } from "../gateway/system-bundle.ts";
import { certificatesIn } from "../trust/certificates.ts";
import { withoutPublic } from "../trust/private-authorities.ts";
import type { PresetHost } from "./preset.ts";

/** The authorities in a file that a client's configuration names, beyond the public ones; the system's own file says nothing new. */
export function authoritiesAt(host: PresetHost, path: string): readonly string[] {
  return isAbsolute(path) && !BUNDLES.includes(path) ? authoritiesIn(host.read(path) ?? "") : [];
}

/** The authorities in a text, beyond the public ones. */
export function authoritiesIn(text: string): readonly string[] {
  return withoutPublic(certificatesIn(text));
}
