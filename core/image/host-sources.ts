import { join } from "node:path";
import { parseDeb822, parseOneLine, type AptSource } from "./apt-sources.ts";
import { namesIn, textOf } from "./apt-files.ts";

/** The three parts of a Debian release; a release in the making may lack the last two. */
export const POCKETS = ["", "-updates", "-security"] as const;
type Pocket = (typeof POCKETS)[number];

// What Debian calls its releases besides their code names, and every code name since deb822 exists.
const RELEASES =
  /^(stable|oldstable|oldoldstable|testing|unstable|sid|jessie|stretch|buster|bullseye|bookworm|trixie|forky|duke)(-updates|-security|\/updates)?$/;

/** All sources in a host's apt configuration folder, in its order. Files that cannot be read are left out. */
export function hostSources(folder = "/etc/apt"): AptSource[] {
  const parts = join(folder, "sources.list.d");
  const names = namesIn(parts).sort();
  return [
    ...parseOneLine(textOf(join(folder, "sources.list"))),
    ...names.filter((name) => name.endsWith(".list")).flatMap((name) => parseOneLine(textOf(join(parts, name)))),
    ...names.filter((name) => name.endsWith(".sources")).flatMap((name) => parseDeb822(textOf(join(parts, name)))),
  ];
}

/**
 * From where the host gets Debian itself → from where to get `suite`. Other vendors' repositories also use Debian's suite names;
 * what tells them apart is a keyring of their own, or an address with no "debian" in its path. Signatures are checked later.
 */
export function sourcesFor(suite: string, host: readonly AptSource[]): AptSource[] {
  const chosen = new Map<string, AptSource>();
  for (const source of host.filter(isDebian)) {
    const pocket = pocketOf(source.suite);
    const wanted = { ...source, suite: `${suite}${pocket}`, components: ["main"] };
    chosen.set(`${wanted.uri} ${wanted.suite}`, wanted);
    // mirrors carry the updates beside the release, in the same tree
    if (pocket === "") chosen.set(`${source.uri} ${suite}-updates`, { ...wanted, suite: `${suite}-updates` });
  }
  return [...chosen.values()];
}

/** Which of the three parts of a release are not among these sources. */
export function missingPockets(suite: string, sources: readonly AptSource[]): Pocket[] {
  return POCKETS.filter((pocket) => !sources.some((source) => source.suite === `${suite}${pocket}`));
}

function isDebian(source: AptSource): boolean {
  if (!RELEASES.test(source.suite) || !source.components.includes("main")) return false;
  if (source.signedBy !== undefined) return /(^|\/)debian-archive-[^/]*$/.test(source.signedBy);
  return /(^|[/-])debian([/-]|$)/.test(new URL(source.uri).pathname);
}

function pocketOf(suite: string): Pocket {
  if (suite.endsWith("-security") || suite.endsWith("/updates")) return "-security";
  return suite.endsWith("-updates") ? "-updates" : "";
}
