import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

const MOST_SESSIONS = 30;
const MOST_BYTES = 64 * 1024 * 1024;
const HASH_LENGTH = 16;

/** The parts of one session's audit in the order written: its beginning is kept, of what follows the last two files. */
export const PARTS = [".first", ".1", ""] as const;

/** Where the audits of a project's sessions are kept after them, in the user's state directory. */
export function auditFolder(stateDir: string, project: string): string {
  return join(stateDir, "egress", createHash("sha256").update(project).digest("hex").slice(0, HASH_LENGTH));
}

/** The file for a session that starts now; its folder exists, and the oldest audits in it are gone when there were too many. */
export function newAuditFile(stateDir: string, project: string, session: string, now = new Date()): string {
  const folder = auditFolder(stateDir, project);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  prune(folder);
  return join(folder, `${now.toISOString().replace(/[:.]/g, "-")}-${session}.jsonl`);
}

/** The audits there are, the newest first; of one session when it is named. */
export function auditFiles(stateDir: string, project: string, session?: string): readonly string[] {
  const folder = auditFolder(stateDir, project);
  const names = listed(folder).filter((name) => name.endsWith(".jsonl") && (session === undefined || name.endsWith(`Z-${session}.jsonl`)));
  return names.sort().reverse().map((name) => join(folder, name));
}

function prune(folder: string): void {
  let bytes = 0;
  const audits = listed(folder).filter((name) => name.endsWith(".jsonl")).sort().reverse();
  for (const [index, name] of audits.entries()) {
    const parts = PARTS.map((part) => join(folder, name + part));
    for (const part of parts) bytes += statSync(part, { throwIfNoEntry: false })?.size ?? 0;
    if (index < MOST_SESSIONS - 1 && bytes <= MOST_BYTES) continue;
    for (const part of parts) rmSync(part, { force: true });
  }
}

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
