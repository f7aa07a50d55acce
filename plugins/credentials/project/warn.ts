import { escapeLine, type Progress } from "../../../core/index.ts";
import type { Suspicion } from "./scan.ts";

const MOST_NAMED = 5;

/** Warns of the secrets of the project that the guest can read, by the names of their files, and says how to hide them. */
export function warnOfSecrets(found: readonly Suspicion[], masked: readonly string[], progress: Pick<Progress, "say">): void {
  const open = found.filter(({ path }) => !masked.some((mask) => path === mask || path.startsWith(`${mask}/`)));
  if (open.length === 0) return;
  const named = open.slice(0, MOST_NAMED).map(({ path, what }) => `${escapeLine(path)} (${what})`).join(", ");
  const more = open.length > MOST_NAMED ? ` and ${open.length - MOST_NAMED} more` : "";
  progress.say(`The agent can read what seems to be secret in the project: ${named}${more}. credentials.mask hides files from it: cloche config set credentials.mask '${JSON.stringify(open.slice(0, MOST_NAMED).map(({ path }) => path))}'`);
}
