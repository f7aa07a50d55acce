import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { credentialsFor } from "./apt-credentials.ts";
import { networkSettings, proxyVariables } from "./apt-proxy.ts";
import type { AptSource } from "./apt-sources.ts";
import { fail } from "./failures.ts";
import { runTool, type ToolRun } from "./tool.ts";

/** Debian's name for the guest's processor. */
export const ARCHITECTURE = "amd64";

const KEYRINGS = ["/usr/share/keyrings/debian-archive-keyring.gpg", "/usr/share/keyrings/debian-archive-keyring.pgp"];
/** The folder of an apt of ours as its programs see it, which start in it: apt misreads paths with newlines in them. */
export const APT_FOLDER = "/proc/self/cwd";
// Not the host's state, nor its hooks, nor anything else that its configuration would make apt do.
const PLACES = [
  'Dir::Etc::parts "/dev/null";',
  'Dir::Etc::main "/dev/null";',
  `Dir::State "${APT_FOLDER}";`,
  `Dir::State::lists "${APT_FOLDER}/lists";`,
  'Dir::State::status "/dev/null";',
  `Dir::Cache "${APT_FOLDER}";`,
  `Dir::Cache::archives "${APT_FOLDER}/archives";`,
  `Dir::Etc::sourcelist "${APT_FOLDER}/sources.list";`,
  'Dir::Etc::sourceparts "/dev/null";',
  'Dir::Etc::preferences "/dev/null";',
  'Dir::Etc::preferencesparts "/dev/null";',
  `Dir::Etc::netrc "${APT_FOLDER}/auth.conf";`,
  'Dir::Etc::netrcparts "/dev/null";',
  `APT::Architecture "${ARCHITECTURE}";`,
  'APT::Sandbox::User "root";',
];
const SECONDS_PER_TRY = 20;
const NETWORK = ['Acquire::GzipIndexes "true";', `Acquire::http::Timeout "${SECONDS_PER_TRY}";`, `Acquire::https::Timeout "${SECONDS_PER_TRY}";`, 'Acquire::Retries "1";', 'Acquire::Languages "none";'];

/** An apt of our own beside the host's: its own lists and sources, the host's way into the network. */
export interface AptSetup {
  readonly folder: string;
  readonly keyring: string;
  /** apt settings for the network, maybe with secrets: for a file that is gone after the build. */
  readonly settings: string;
  /** The user's proxy variables. */
  readonly env: Readonly<Record<string, string>>;
}

/** Prepares the folder. Secrets in the host's settings are hidden from logs from then on. */
export async function setUpApt(folder: string, signal: AbortSignal): Promise<AptSetup> {
  const keyring = KEYRINGS.find((path) => existsSync(path));
  if (keyring === undefined) throw fail("IMAGE_NO_KEYRING", { places: KEYRINGS.join(", ") });
  for (const part of ["lists/partial", "archives/partial"]) await mkdir(join(folder, part), { recursive: true });
  const dump = await runTool({ step: "reading apt's settings", command: "apt-config", args: ["dump"], cwd: folder, signal, quiet: true });
  const settings = [...NETWORK, networkSettings(dump)].join("\n");
  await writeSecret(join(folder, "apt.conf"), [...PLACES, settings].join("\n"));
  return { folder, keyring, settings, env: proxyVariables() };
}

/** Tells our apt where to fetch from, and the logins for just these places. */
export async function setSources(apt: AptSetup, sources: readonly AptSource[]): Promise<void> {
  await writeFile(join(apt.folder, "sources.list"), sourceLines(sources, `[arch=${ARCHITECTURE} signed-by=${apt.keyring}] `));
  await writeSecret(join(apt.folder, "auth.conf"), credentialsFor(sources));
}

/** Sources in apt's one-line format, without credentials. */
export function sourceLines(sources: readonly AptSource[], options = ""): string {
  return sources.map(({ uri, suite, components }) => `deb ${options}${uri} ${suite} ${components.join(" ")}\n`).join("");
}

/** Runs one of apt's programs on the folder instead of the host's state; answers its standard output. */
export function runApt({ folder, env }: AptSetup, command: "apt-get" | "apt-cache" | "/usr/lib/apt/apt-helper", args: readonly string[], run: AptRun): Promise<string> {
  return runTool({ ...run, command, args, cwd: folder, env: { ...env, APT_CONFIG: `${APT_FOLDER}/apt.conf` } });
}

type AptRun = Pick<ToolRun, "step" | "signal" | "onLine">;

async function writeSecret(path: string, content: string): Promise<void> {
  await writeFile(path, content, { mode: 0o600 });
}
