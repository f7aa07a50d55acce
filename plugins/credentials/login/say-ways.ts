import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Progress } from "../../../core/index.ts";
import { inWords, WAYS, type Way } from "./ways.ts";

const SAID = "login-said";

/** Says how the agent is logged in: at the first run with all ways there are, and each time when it is not. */
export function sayWays(way: Way, stateDir: string, progress: Pick<Progress, "say">): void {
  const taken = inWords(way);
  const marker = join(stateDir, SAID);
  if (taken !== undefined && existsSync(marker)) return;
  progress.say(taken ?? "The agent is not logged in. There are three ways:");
  for (const { kinds, sentence } of WAYS) if (!kinds.includes(way.kind)) progress.say(taken === undefined ? `  ${sentence}` : `  Or: ${sentence}`);
  if (taken === undefined) return;
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    writeFileSync(marker, "", { mode: 0o600 });
  } catch {
    // then it is said once more the next time
  }
}
