import { didYouMean } from "../../support/suggest.ts";

/** A tool that `image.tools` can name. */
export interface Tool {
  /** Versions that can be asked for with `@`; whatever Debian has when none is. */
  readonly versions?: RegExp;
  /** What of a version there is, for whoever asks for another. */
  readonly there?: string;
}

/** What there is, and in which versions: from Debian's own packages, and from npm where Debian has one version only. */
export const TOOLS: Readonly<Record<string, Tool>> = {
  node: { versions: /^(\d{2}|\d{2}\.\d{1,3}\.\d{1,3})$/, there: "a major version such as node@24, or an exact one such as node@24.21.0" },
  python: {},
  java: { versions: /^(17|21|25)$/, there: "java@21 and java@25 in Debian 13, java@17 in Debian 12" },
  go: {},
  rust: {},
  chrome: {},
  nix: {},
};

/** The names, for the documentation. */
export const TOOL_NAMES = Object.keys(TOOLS);

/** One entry of `image.tools`, taken apart. */
export function toolOf(entry: string): { readonly name: string; readonly version: string | undefined } {
  const [name = "", version] = entry.split("@", 2);
  return { name, version };
}

/** Why this cannot be installed as a tool; undefined when it can. */
export function toolProblem(entry: string): string | undefined {
  const { name, version } = toolOf(entry);
  const tool = Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined;
  if (tool === undefined) return `there is no tool "${name}".${didYouMean(name, TOOL_NAMES)} There are: ${TOOL_NAMES.join(", ")}; image.packages takes any Debian package`;
  if (version === undefined || tool.versions?.test(version)) return undefined;
  return `there is no ${entry}: ${tool.there ?? `${name} comes in the version that the Debian release has, without "@"`}`;
}
