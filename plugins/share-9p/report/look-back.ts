import { readdirSync } from "node:fs";
import { NOT_SEARCHED } from "../frozen/names.ts";
import type { Places } from "../frozen/find.ts";
import { readBeneath } from "../tree/beneath.ts";
import { below, nameOf, parentOf, textOf, toBuffer, type Bytes } from "../tree/bytes.ts";
import { follow, kindAt } from "../tree/look.ts";
import { changesSince, type Entry } from "./changes.ts";
import { KINDS, type Finding, type Report } from "./report.ts";
import { changedScripts, readScripts, type Scripts } from "./scripts.ts";
import { isFrozenName, isInstruction, isRun, programSettings } from "./signs.ts";

/** How the project was when the session began. */
export interface Before {
  /** ms since 1970. */
  readonly began: number;
  readonly places: Pick<Places, "gits" | "heads">;
  readonly scripts: Scripts;
}

const MOST_OF_A_KIND = 200;
const MOST_BYTES = 256 * 1024;

/** Looks at what a session made or changed, and answers what of it could run on the host. Nothing of the project is run or followed. */
export async function lookBack(root: Bytes, before: Before, replaced: Iterable<string>): Promise<Pick<Report, "findings" | "more" | "incomplete">> {
  const { entries, incomplete } = await changesSince(root, before.began);
  const found = entries.flatMap((entry) => findingsOf(root, entry, before));
  found.push(...[...replaced].map((path): Finding => ({ kind: "replaced", path, detail: "" })));
  const kinds = Object.keys(KINDS);
  found.sort((one, other) => kinds.indexOf(one.kind) - kinds.indexOf(other.kind) || (one.path < other.path ? -1 : 1));
  const counts = new Map<string, number>();
  const findings = found.filter(({ kind }) => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return (counts.get(kind) ?? 0) <= MOST_OF_A_KIND;
  });
  return { findings, more: found.length - findings.length, ...(incomplete && { incomplete }) };
}

function findingsOf(root: Bytes, entry: Entry, before: Before): Finding[] {
  const { path, type, mode, target } = entry;
  const name = nameOf(path);
  const finding = (kind: Finding["kind"], detail = "", at = path): Finding[] => [{ kind, path: textOf(at), detail }];
  if (name === ".git") return before.places.gits.includes(path) ? unfinished(root, path) : finding("repository", settingsIn(root, path));
  if (name === "HEAD") {
    const bare = parentOf(path);
    return before.places.heads.includes(bare) || !isBare(root, bare) ? [] : finding("repository", settingsIn(root, bare), bare);
  }
  if (type === "link") return leadsOut(root, path, target) ? finding("link", `to ${textOf(target)}`) : [];
  if (type === "other") return finding("special");
  if (type === "directory") return NOT_SEARCHED.includes(name) ? finding("packages") : [];
  if (isFrozenName(path)) return finding("frozen");
  if (name === "package.json") {
    const names = changedScripts(before.scripts.get(path), readScripts(root, [path]).get(path) ?? {});
    return names.length === 0 ? [] : finding("scripts", names.slice(0, 20).join(", "));
  }
  if (isInstruction(path)) return finding("instructions");
  if (isRun(path)) return finding("runs");
  return (mode & 0o111) !== 0 && !path.endsWith(".sample") ? finding("executable") : [];
}

function leadsOut(root: Bytes, path: Bytes, target: Bytes): boolean {
  return target.startsWith("/") ? !`${target}/`.startsWith(`${root}/`) : follow(root, below(parentOf(path), target)).path === undefined;
}

function isBare(root: Bytes, directory: Bytes): boolean {
  return directory !== "" && kindAt(root, below(directory, "objects")) === "directory" && kindAt(root, below(directory, "refs")) === "directory";
}

/** What a repository would run: its settings that name programs, and its hooks. */
function settingsIn(root: Bytes, git: Bytes): string {
  const config = readBeneath(root, below(git, "config"), MOST_BYTES)?.toString("utf8") ?? "";
  const words = [...programSettings(config), ...hooksIn(root, below(git, "hooks"))];
  return words.length === 0 ? "" : `with ${words.slice(0, 10).join(", ")}`;
}

function hooksIn(root: Bytes, hooks: Bytes): string[] {
  if (kindAt(root, hooks) !== "directory") return [];
  const names = readdirSync(toBuffer(below(root, hooks)), { encoding: "latin1" });
  return names.filter((name) => !name.endsWith(".sample")).slice(0, 10).map((name) => `the hook ${textOf(name)}`);
}

function unfinished(root: Bytes, git: Bytes): Finding[] {
  const path = below(git, "rebase-merge/git-rebase-todo");
  const lines = readBeneath(root, path, MOST_BYTES)?.toString("utf8").match(/^\s*(x|exec)\s.*$/gm) ?? [];
  return lines.length === 0 ? [] : [{ kind: "rebase", path: textOf(path), detail: lines[0]?.trim() ?? "" }];
}
