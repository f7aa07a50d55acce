import { dirname, isAbsolute, join } from "node:path";
import type { HostPlaces } from "../places.ts";
import { GUEST } from "../places.ts";
import { readText } from "../read.ts";
import { secretIn } from "../suspicious.ts";
import type { Staging } from "../staging.ts";
import { parseGitConfig, type GitEntry } from "./parse.ts";
import { gitConfigText, goodSetting } from "./settings.ts";

const LARGEST = 1 << 20;
const DEEPEST = 10;
// What may stand in for the settings of a project that has none, so that nobody can make them; it is not for a commit.
const STAND_INS = "\n# cloche\n/.claude/settings.json\n/.claude/settings.local.json\n";

/** Stages the identity, harmless settings and the ignores of git. Its files are read as data: git itself is not asked. */
export function stageGit(places: HostPlaces, staging: Staging): void {
  const settings = new Map<string, string>();
  let ignores = places.gitConfig.ignores;
  const doubts: string[] = [];

  function take(entry: GitEntry, file: string, depth: number): void {
    const { section, subsection, name, value } = entry;
    if (section === "include" && name === "path") return void readFile(expand(value, file, places.home), depth + 1);
    if (section === "includeif" && name === "path") {
      if (subsection !== undefined && isMeant(subsection, file, places)) readFile(expand(value, file, places.home), depth + 1);
      return;
    }
    if (section === "core" && name === "excludesfile") ignores = expand(value, file, places.home);
    const good = goodSetting(entry);
    if (good) settings.set(...good);
    else staging.leave("git", `${file}: ${[section, ...(subsection === undefined ? [] : ["…"]), name].join(".")}`, "not on the list of what may cross");
  }

  function readFile(file: string, depth: number): void {
    if (depth > DEEPEST) return void doubts.push(`${file}: its includes go in a circle`);
    const reading = readText(file, LARGEST);
    if ("why" in reading) {
      if (!reading.missing) doubts.push(`${file}: ${reading.why}`);
      return;
    }
    try {
      for (const entry of parseGitConfig(reading.text)) take(entry, file, depth);
    } catch (error) {
      doubts.push(`${file}: ${(error as Error).message}`);
    }
  }

  for (const file of places.gitConfig.files) readFile(file, 0);
  for (const doubt of doubts) staging.leave("git", doubt, "so no setting of git crosses");
  const kept = doubts.length > 0 ? new Map<string, string>() : settings;
  staging.stage({ kind: "git", path: `${GUEST.home}/.gitconfig`, content: gitConfigText(kept), from: places.gitConfig.files.join(", ") });
  stageIgnores(ignores, staging);
}

function stageIgnores(file: string, staging: Staging): void {
  const reading = readText(file, LARGEST);
  const text = "why" in reading ? "" : reading.text;
  if ("why" in reading && !reading.missing) staging.leave("git", file, reading.why);
  const secret = secretIn(text);
  if (secret !== undefined) staging.leave("git", file, `it seems to hold ${secret}`);
  staging.stage({ kind: "git", path: `${GUEST.home}/.config/git/ignore`, content: (secret === undefined ? text : "") + STAND_INS, from: file });
}

function expand(path: string, file: string, home: string): string {
  const full = path.startsWith("~/") ? join(home, path.slice(2)) : path;
  return isAbsolute(full) ? full : join(dirname(file), full);
}

/** Whether a conditional include is for this project; only directories without wildcards are understood. */
function isMeant(condition: string, file: string, { project, home }: HostPlaces): boolean {
  const match = /^gitdir(\/i)?:(.+)$/.exec(condition);
  const [, insensitive, pattern = ""] = match ?? [];
  if (!match || /[*?[\]]/.test(pattern)) return false;
  const wanted = expand(pattern, file, home);
  const fold = (text: string): string => (insensitive === undefined ? text : text.toLowerCase());
  const gitDirectory = fold(`${project}/.git/`);
  return wanted.endsWith("/") ? gitDirectory.startsWith(fold(wanted)) : gitDirectory === fold(`${wanted}/`);
}
