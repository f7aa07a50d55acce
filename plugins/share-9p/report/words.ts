import { escapeLine } from "../../../core/index.ts";
import { KINDS, type Finding, type Report } from "./report.ts";

const SHOWN = 3;
const LONGEST = 160;

/** A few lines on what a session left that could run on the host; none when there is nothing. */
export function reportLines({ findings, incomplete }: Report): readonly string[] {
  const lines = byKind(findings).map(([kind, found]) => {
    const shown = found.slice(0, SHOWN).map(({ path, detail }) => clipped(detail === "" ? path : `${path} (${detail})`));
    const more = found.length > SHOWN ? ` and ${found.length - SHOWN} more` : "";
    return `  ${KINDS[kind]}: ${shown.join(", ")}${more}`;
  });
  if (incomplete) lines.push(`  not everything was looked at: it was ${incomplete}`);
  return lines.length === 0 ? [] : ["New or changed in this session, and able to run on your computer (`cloche report` shows all):", ...lines];
}

/** The whole report for people. */
export function wholeReport({ session, ended, findings, more, incomplete }: Report): string {
  const sections = byKind(findings).map(([kind, found]) => {
    const lines = found.map(({ path, detail }) => `  ${escapeLine(path)}${detail === "" ? "" : ` (${escapeLine(detail)})`}`);
    return [`${KINDS[kind]}:`, ...lines].join("\n");
  });
  if (more > 0) sections.push(`and ${more} more`);
  if (incomplete) sections.push(`Not everything was looked at: it was ${incomplete}.`);
  const head = `The session ${escapeLine(session)}, which ended at ${escapeLine(ended)}, `;
  return sections.length === 0 ? `${head}left nothing new that could run on your computer.` : [`${head}left:`, ...sections].join("\n\n");
}

function byKind(findings: readonly Finding[]): readonly (readonly [Finding["kind"], readonly Finding[]])[] {
  const kinds = [...new Set(findings.map(({ kind }) => kind))];
  return kinds.map((kind) => [kind, findings.filter((finding) => finding.kind === kind)]);
}

function clipped(text: string): string {
  const line = escapeLine(text);
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
