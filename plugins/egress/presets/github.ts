import { join } from "node:path";
import { canonicalName } from "../names/canonical-name.ts";
import type { RuleText } from "../policy/rule.ts";
import type { Preset } from "./preset.ts";

const PUBLIC = "github.com";
// beside the site itself: its interface for programs, archives of repositories, and files in them
const OF_PUBLIC = ["api.github.com", "codeload.github.com", "raw.githubusercontent.com", "objects.githubusercontent.com", "release-assets.githubusercontent.com"];

/** The GitHub that the host's `gh` is logged in to, which may be a company's own; the public one when it says nothing. */
export const github: Preset = async (host) => {
  const folder = host.env["GH_CONFIG_DIR"] ?? join(host.env["XDG_CONFIG_HOME"] ?? join(host.home, ".config"), "gh");
  const listed = [...(host.read(join(folder, "hosts.yml")) ?? "").matchAll(/^([A-Za-z0-9.-]+):\s*$/gm)].map(([, name = ""]) => name);
  const names = [host.env["GH_HOST"] ?? "", ...listed].filter((name) => canonicalName(name) !== undefined);
  const hosts = names.length > 0 ? [...new Set(names)] : [PUBLIC];
  return { rules: hosts.flatMap((name): readonly RuleText[] => (name === PUBLIC ? [PUBLIC, ...OF_PUBLIC] : [{ host: `${name}:443`, private: true }])) };
};
