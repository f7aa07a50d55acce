import type { NpmPackage } from "../../../core/index.ts";
import { fail } from "../failures.ts";

/** The version that is installed unless the user names another. */
export const DEFAULT_VERSION = "2.1.330";

const PACKAGES: Readonly<Record<string, string>> = {
  x64: "@anthropic-ai/claude-code-linux-x64",
  arm64: "@anthropic-ai/claude-code-linux-arm64",
};

// From the registry's `dist.integrity` on the day the version was pinned.
const PINNED: readonly NpmPackage[] = [
  {
    packageName: "@anthropic-ai/claude-code-linux-x64",
    version: "2.1.330",
    integrity: "sha512-9Gn+V7DtJ8M1nztP9CeDVl9g3RtrepI7rOFTyPRRnZe8D6zebIHKmC7OvBauucuAP0X0k85SDN/LPVZyjsGezQ==",
    bytes: 175_385_311,
  },
  {
    packageName: "@anthropic-ai/claude-code-linux-arm64",
    version: "2.1.330",
    integrity: "sha512-V4yanAY5EA5UpwwRPtjSfqDbNqAlUJeVn3NYZw2AgmRHjdpSsLtHAzbxRXfkAnbjwTXzE0uedjQxUY02ARPcsA==",
    bytes: undefined,
  },
];

/** The package for an architecture as Node names it. Throws CLAUDE_ARCHITECTURE. */
export function packageFor(architecture: string): string {
  const name = PACKAGES[architecture];
  if (name === undefined) throw fail("CLAUDE_ARCHITECTURE", { architecture });
  return name;
}

/** The release whose checksum stands in this file; undefined for versions that we do not pin. */
export function pinnedRelease(packageName: string, version: string): NpmPackage | undefined {
  return PINNED.find((release) => release.packageName === packageName && release.version === version);
}
