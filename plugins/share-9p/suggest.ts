import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf } from "./tree/bytes.ts";
import { kindAt } from "./tree/look.ts";

/** What a project is told by, and the directory that its tools fill with what they can make again. */
const SIGNS: readonly (readonly [sign: string, directory: string])[] = [
  ["package.json", "node_modules"],
  ["Cargo.toml", "target"],
  ["pyproject.toml", ".venv"],
  ["requirements.txt", ".venv"],
];

/** One line on directories that had better be the guest's own, told once for each project; undefined when there is nothing to tell. */
export function suggestion(stateDir: string, project: string, local: readonly string[]): string | undefined {
  const isThere = (path: string) => kindAt(bytesOf(project), bytesOf(path)) !== "nothing";
  const wanted = new Set(SIGNS.flatMap(([sign, directory]) => (isThere(sign) && !local.includes(directory) ? [directory] : [])));
  if (wanted.size === 0 || !isFirst(stateDir, project)) return undefined;
  return `In the guest ${[...wanted].join(" and ")} would be several times faster as its own: share.local: [${[...wanted].join(", ")}]`;
}

function isFirst(stateDir: string, project: string): boolean {
  const folder = join(stateDir, "suggested");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(join(folder, createHash("sha256").update(project).digest("hex").slice(0, 32)), "", { flag: "wx", mode: 0o600 });
    return true;
  } catch {
    return false;
  }
}
