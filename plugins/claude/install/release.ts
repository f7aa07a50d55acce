import { fail } from "../failures.ts";

/** The version that is installed unless the user names another. */
export const DEFAULT_VERSION = "2.1.330";

/** One package of the npm registry that holds the program for one architecture. */
export interface Release {
  readonly packageName: string;
  readonly version: string;
  /** `sha512-` and the base64 of the tarball's hash, as npm writes it. */
  readonly integrity: string;
  /** Size of the tarball in bytes, where it is known beforehand. */
  readonly bytes: number | undefined;
}

const PACKAGES: Readonly<Record<string, string>> = {
  x64: "@anthropic-ai/claude-code-linux-x64",
  arm64: "@anthropic-ai/claude-code-linux-arm64",
};

// From the registry's `dist.integrity` on the day the version was pinned.
const PINNED: readonly Release[] = [
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
export function pinnedRelease(packageName: string, version: string): Release | undefined {
  return PINNED.find((release) => release.packageName === packageName && release.version === version);
}

/** What people call it in messages. */
export function titleOf({ packageName, version }: Pick<Release, "packageName" | "version">): string {
  return `${packageName} ${version}`;
}

/** A file name, without an ending, for what belongs to it. */
export function fileName({ packageName, version }: Pick<Release, "packageName" | "version">): string {
  return `${packageName.replace(/^@.*\//, "")}-${version}`;
}
