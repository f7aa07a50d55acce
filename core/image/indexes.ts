import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ARCHITECTURE, runApt, setSources, type AptSetup } from "./apt-setup.ts";
import { parseOneLine, type AptSource } from "./apt-sources.ts";
import { fail } from "./failures.ts";
import { hostSources, missingPockets, sourcesFor } from "./host-sources.ts";
import { noSpaceFor, runTool, saysNoSpace } from "./tool.ts";

/** What the package sources offer at one moment. */
export interface Indexes {
  /** Changes only when packages do: made of the package indexes' own checksums. */
  readonly hash: string;
  /** The sources that answered, without credentials. */
  readonly sources: readonly AptSource[];
  /** Those that did not, each with apt's reason. */
  readonly refused: readonly { readonly source: AptSource; readonly reason: string }[];
}

/** Asks the sources for the present state of a Debian release. Throws IMAGE_NO_SOURCES when none has it. */
export async function lookAtIndexes(suite: string, mirror: string | undefined, apt: AptSetup, signal: AbortSignal): Promise<Indexes> {
  const candidates = await candidateSources(suite, mirror, apt, signal);
  await setSources(apt, candidates);
  const complaints: string[] = [];
  await runApt(apt, "apt-get", ["--quiet", "update"], {
    step: "reading the package indexes",
    signal,
    onLine: (line) => {
      if (/^(?:W|E|Err|Ign)\b/.test(line)) complaints.push(line);
    },
  }).catch((error: unknown) => {
    signal.throwIfAborted();
    if (complaints.length === 0) throw error;
  });
  const refused = candidates.flatMap((source) => {
    const about = complaints.filter((line) => speaksOf(line, source));
    const reason = about.find((line) => /^[WE]: /.test(line)) ?? about[0]; // the lines at the end say why
    return reason === undefined ? [] : [{ source, reason }];
  });
  const sources = candidates.filter((source) => !refused.some((entry) => entry.source === source));
  if (complaints.some(saysNoSpace)) throw noSpaceFor("reading the package indexes", [apt.folder]);
  if (!sources.some((source) => source.suite === suite)) {
    throw fail("IMAGE_NO_SOURCES", { suite, reasons: refused.map(({ reason }) => reason).join("\n") });
  }
  await setSources(apt, sources);
  return { hash: await hashIndexes(apt, sources), sources, refused };
}

async function candidateSources(suite: string, mirror: string | undefined, apt: AptSetup, signal: AbortSignal): Promise<AptSource[]> {
  const host = sourcesFor(suite, hostSources());
  const pockets = mirror === undefined ? [] : [suite, `${suite}-updates`];
  const given = parseOneLine(pockets.map((pocket) => `deb ${mirror} ${pocket} main\n`).join(""));
  const chosen = given.length === 0 ? host : [...given, ...host.filter((source) => source.suite === `${suite}-security`)];
  const missing = missingPockets(suite, chosen);
  if (missing.length === 0) return chosen;
  const usual = await mmdebstrapSources(suite, apt, signal);
  return [...chosen, ...usual.filter((source) => missing.some((pocket) => source.suite === `${suite}${pocket}`))];
}

// What mmdebstrap uses when it is told no source: it writes them down before its first hook, which then stops it.
async function mmdebstrapSources(suite: string, apt: AptSetup, signal: AbortSignal): Promise<AptSource[]> {
  const lines: string[] = [];
  const show = 'cat "$1"/etc/apt/sources.list >&2; exit 1';
  await runTool({
    step: "asking mmdebstrap for its sources",
    command: "mmdebstrap",
    args: ["--variant=custom", "--skip=update", `--setup-hook=${show}`, suite, "/dev/null"],
    cwd: apt.folder,
    signal,
    onLine: (line) => void lines.push(line),
  }).catch(() => signal.throwIfAborted()); // it ends with an error by intention
  return parseOneLine(lines.filter((line) => line.startsWith("deb ")).join("\n"));
}

function speaksOf(complaint: string, { uri, suite }: AptSource): boolean {
  return complaint.includes(`${uri}/dists/${suite}/`) || complaint.includes(`${uri} ${suite} `);
}

// InRelease also holds dates, which change daily; the checksums of the package lists change only with the packages.
async function hashIndexes(apt: AptSetup, sources: readonly AptSource[]): Promise<string> {
  const folder = join(apt.folder, "lists");
  const releases = (await readdir(folder)).filter((name) => name.endsWith("_InRelease") || name.endsWith("_Release"));
  const line = new RegExp(`^ ([0-9a-f]{64}) +\\d+ main/binary-${ARCHITECTURE}/Packages$`, "m");
  const sums: string[] = [];
  for (const { uri, suite } of sources) {
    const stem = `${uri.replace(/^[a-z]+:\/\//, "").replaceAll("/", "_")}_dists_${suite}_`;
    const name = releases.find((release) => release === `${stem}InRelease` || release === `${stem}Release`);
    const sum = name === undefined ? undefined : line.exec(await readFile(join(folder, name), "utf8"))?.[1];
    if (sum === undefined) throw new Error(`apt left no release file of ${uri} ${suite}`);
    sums.push(`${uri} ${suite} ${sum}`);
  }
  return createHash("sha256").update(sums.sort().join("\n")).digest("hex");
}
