import { statSync } from "node:fs";
import { userInfo } from "node:os";
import { Readable } from "node:stream";
import { isFailure, messageOf } from "../support/errors.ts";
import { sourceLines, type AptSetup } from "./apt-setup.ts";
import type { AptSource } from "./apt-sources.ts";
import { fail } from "./failures.ts";
import { runTool } from "./tool.ts";

// Nobody reads manuals in there, and every language but English is dead weight; licences stay.
const LEFT_OUT = ["/usr/share/man/*", "/usr/share/info/*", "/usr/share/doc/*", "/usr/share/locale/*", "/usr/share/lintian/*"];
const KEPT = "/usr/share/doc/*/copyright";
const FOR_ALL = 0o003;

/** What mmdebstrap is told. File names are relative to `folder`, since hooks are shell and a path may hold anything. */
export interface Installation {
  readonly folder: string;
  readonly apt: AptSetup;
  readonly suite: string;
  readonly sources: readonly AptSource[];
  readonly packages: readonly string[];
  /** A file with further apt settings; they land in the new root too, for its set-up to remove. */
  readonly settings: string;
  readonly hooks: readonly string[];
}

/** Installs Debian into a throw-away root, as root or in a user namespace, and hands out the result as a tar archive. */
export async function runMmdebstrap(
  { folder, apt, suite, sources, packages, settings, hooks }: Installation,
  reach: { readonly signal: AbortSignal; onLine(line: string): void; binary(output: Readable): void },
): Promise<void> {
  const args = [
    process.getuid?.() === 0 ? "--mode=root" : "--mode=unshare",
    "--variant=minbase",
    "--format=tar",
    "--verbose",
    `--keyring=${apt.keyring}`,
    `--include=${packages.join(",")}`,
    `--aptopt=${settings}`,
    ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    `--dpkgopt=path-include=${KEPT}`,
    "--dpkgopt=force-unsafe-io", // what a crash leaves is thrown away; syncing each file is the slowest part on a busy disk
    ...hooks,
    suite,
    "-", // the archive goes to standard output
    "-", // the sources come from standard input
  ];
  const env = { ...apt.env, TMPDIR: chrootPlace() };
  const stdin = Readable.from([sourceLines(sources)]);
  try {
    await runTool({ step: "installing Debian", command: "mmdebstrap", args, cwd: folder, env, stdin, ...reach });
  } catch (error) {
    if (!isFailure(error, "IMAGE_STEP_FAILED") || !/sub[ug]id/.test(messageOf(error))) throw error;
    throw fail("IMAGE_NO_SUBORDINATE_IDS", { user: userInfo().username }, { cause: error });
  }
}

// In a user namespace the root is made by another user number, which must be able to reach and fill the place.
function chrootPlace(): string {
  const wanted = process.env["TMPDIR"];
  if (wanted === undefined) return "/var/tmp";
  const stat = statSync(wanted, { throwIfNoEntry: false });
  const usable = stat !== undefined && (process.getuid?.() === 0 || (stat.mode & FOR_ALL) === FOR_ALL);
  return usable ? wanted : "/var/tmp";
}
