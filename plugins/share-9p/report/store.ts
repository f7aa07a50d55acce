import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REPORT, type Report } from "./report.ts";

/** Keeps the report of a project's latest session in the user's state directory. */
export function keepReport(stateDir: string, report: Report): void {
  const file = fileOf(stateDir, report.project);
  mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.new`, JSON.stringify(report), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The report of the project's latest session; undefined when there is none. */
export function keptReport(stateDir: string, project: string): Report | undefined {
  try {
    return REPORT.parse(JSON.parse(readFileSync(fileOf(stateDir, project), "utf8")));
  } catch {
    return undefined;
  }
}

function fileOf(stateDir: string, project: string): string {
  return join(stateDir, "reports", `${createHash("sha256").update(project).digest("hex").slice(0, 32)}.json`);
}
