import type { Reach } from "../../../core/index.ts";
import type { Places } from "../frozen/find.ts";
import type { ShareOptions } from "../options.ts";
import { bytesOf } from "../tree/bytes.ts";
import { lookBack } from "./look-back.ts";
import type { Report } from "./report.ts";
import { readScripts } from "./scripts.ts";
import { keepReport } from "./store.ts";
import { reportLines } from "./words.ts";

// The kernel's clock for files may be this much behind ours.
const CLOCK_MS = 20;

/** Looks at the project as it is now, and answers what looks at it again at the end, tells the user what is new, and keeps that. */
export function beginReporting(found: Promise<Places>, replaced: Iterable<string>, { session, progress, signal, log }: Reach<ShareOptions>): () => Promise<void> {
  const project = bytesOf(session.project);
  const began = Date.now() - CLOCK_MS;
  const before = found.then((places) => ({ began, places, scripts: readScripts(project, places.packages) }));
  before.catch(() => {}); // heard below
  return async () => {
    const start = await before.catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (start === undefined) return; // it was stopped before it began
    const findings = await lookBack(project, start, replaced);
    const report: Report = { version: 1, session: session.name, project: session.project, ended: new Date().toISOString(), ...findings };
    keepReport(session.stateDir, report);
    for (const line of reportLines(report)) progress.say(line);
    log("%d findings", report.findings.length + report.more);
  };
}

