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
// As root its mounts and processes are put in namespaces of their own, which go with it, however it ends.
const ISOLATED = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--"];

/** What mmdebstrap is told. File names are relative to `folder`, since hooks are shell and a path may hold anything. */
export interface Installation {
  readonly folder: string;
  /** Where the root is put together. */
  readonly place: string;
  readonly apt: AptSetup;
  readonly suite: string;
  readonly sources: readonly AptSource[];
  /** What to install on nothing but Debian's own minimum; undefined when the first hook lays out a system that is there already. */
  readonly packages: readonly string[] | undefined;
  readonly hooks: readonly string[];
}

/** Installs Debian into a throw-away root, as root or in a user namespace, and hands out the result as a tar archive. */
export async function runMmdebstrap(
  { folder, place, apt, suite, sources, packages, hooks }: Installation,
  reach: { readonly signal: AbortSignal; onLine(line: string): void; binary(output: Readable): void },
): Promise<void> {
  const [command = "", ...args] = [
    ...(process.getuid?.() === 0 ? [...ISOLATED, "mmdebstrap", "--mode=root"] : ["mmdebstrap", "--mode=unshare"]),
    ...(packages ? ["--variant=minbase", `--include=${packages.join(",")}`] : ["--variant=custom"]),
    "--format=tar",
    "--verbose",
    "--skip=check/signed-by", // the sources name their keyring
    ...LEFT_OUT.map((pattern) => `--dpkgopt=path-exclude=${pattern}`),
    `--dpkgopt=path-include=${KEPT}`,
    "--dpkgopt=force-unsafe-io", // what a crash leaves is thrown away; syncing each file is the slowest part on a busy disk
    ...hooks,
    suite,
    "-", // the archive goes to standard output
    "-", // the sources come from standard input
  ];
  const env = { ...apt.env, TMPDIR: place };
  const stdin = Readable.from([sourceLines(sources, `[signed-by=${apt.keyring}] `)]);
  try {
    await runTool({ step: "installing Debian", command, args, cwd: folder, env, stdin, ...reach });
  } catch (error) {
    if (!isFailure(error, "IMAGE_STEP_FAILED") || !/sub[ug]id/.test(messageOf(error))) throw error;
    throw fail("IMAGE_NO_SUBORDINATE_IDS", { user: userInfo().username }, { cause: error });
  }
}
