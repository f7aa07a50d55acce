import { release } from "node:os";
import type { Configuration } from "../config/configuration.ts";
import { packageVersion } from "../cli/version.ts";
import type { Finding } from "./doctor.ts";
import type { Look } from "./look.ts";

/** What goes into a report for a bug: facts from a list of what is good, no text that a user, a project or a guest chose. */
export interface BugReport {
  readonly cloche: string;
  readonly node: string;
  readonly platform: string;
  readonly kernel: string;
  readonly distribution: string;
  readonly isRoot: boolean;
  readonly isTerminal: boolean;
  readonly checks: readonly { readonly id: string; readonly state: string; readonly found: string }[];
  readonly options: readonly { readonly key: string; readonly from: string; readonly value?: string | number | boolean }[];
  readonly plugins: readonly { readonly name: string; readonly enabled: boolean }[];
  readonly sessions: number;
}

/** What the report is made from. */
export interface ReportSources {
  readonly look: Look;
  readonly findings: readonly Finding[];
  readonly configuration: Configuration | undefined;
  /** Names of the plugins that come with cloche; of others only the number is told. */
  readonly builtIn: readonly string[];
  readonly sessions: number;
}

// Their values are numbers, switches, or words of a list of ours.
const TOLD_VALUES = /^(machine\.(cpus|memory|accel|template|bootDeadline)|image\.(suite|maxAge)|plugins\.[a-z0-9-]+|egress\.mode|claude\.(version|keep|skipPermissions))$/;
const PLAIN = /^[A-Za-z0-9.+_-]{1,40}$/;
// What a check found: its own words, versions and sizes. A path or a name of the user's may stand among them.
const LONGEST_FOUND = 300;
const SYSTEM = /^\/(dev|proc|sys|usr|etc)(\/[\w.-]+)*\/?$/;
const HIDDEN = "<path>";

/** Gathers the report. */
export async function bugReport({ look, findings, configuration, builtIn, sessions }: ReportSources): Promise<BugReport> {
  const entries = (configuration?.entries() ?? []).filter(({ source }) => source.kind !== "default");
  const plugins = configuration?.plugins ?? [];
  const known = plugins.filter(({ plugin }) => builtIn.includes(plugin.name)).map(({ plugin, enabled }) => ({ name: plugin.name, enabled }));
  const others = plugins.filter(({ plugin, enabled }) => enabled && !builtIn.includes(plugin.name)).length;
  return {
    cloche: packageVersion(),
    node: process.versions.node,
    platform: `${look.platform} ${look.arch}`,
    kernel: plain(release()),
    distribution: await distributionOf(look),
    isRoot: look.uid === 0,
    isTerminal: look.isTerminal,
    checks: findings.map(({ id, state, found }) => ({ id, state, found: withoutPaths(found, look) })),
    options: entries.filter(({ option }) => isOurs(option.path, builtIn)).map(({ option, value, source }) => {
      const isTold = TOLD_VALUES.test(option.key) && (typeof value === "number" || typeof value === "boolean" || (typeof value === "string" && PLAIN.test(value)));
      return { key: option.key, from: source.kind, ...(isTold && { value: value as string | number | boolean }) };
    }),
    plugins: [...known, ...(others > 0 ? [{ name: `${others} from outside`, enabled: true }] : [])],
    sessions,
  };
}

/** A plugin from outside chose the names of its own options. */
function isOurs([section = "", name = ""]: readonly string[], builtIn: readonly string[]): boolean {
  return section === "plugins" ? builtIn.includes(name) : true;
}

async function distributionOf(look: Look): Promise<string> {
  const text = (await look.read("/etc/os-release")) ?? "";
  const field = (name: string): string => plain(new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(text)?.[1] ?? "?");
  return `${field("ID")} ${field("VERSION_ID")}`;
}

function plain(text: string): string {
  return PLAIN.test(text) ? text : "?";
}

/** Paths of the system stay; any other says where the user keeps things. One that we know, or that stands in quotes, may have anything in it. */
function withoutPaths(text: string, { user, cacheDir }: Look): string {
  const known = text.replaceAll(cacheDir, HIDDEN).replace(/(['"`])\/.*\1/g, (quoted) => (SYSTEM.test(quoted.slice(1, -1)) ? quoted : HIDDEN));
  const shown = known.replace(/(?<![\w.])\/[^\s:,;"')]*/g, (path) => (SYSTEM.test(path) ? path : HIDDEN));
  return (user.length > 2 ? shown.replaceAll(user, "<user>") : shown).slice(0, LONGEST_FOUND);
}
