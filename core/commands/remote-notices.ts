import { Notices } from "../attach/notices.ts";
import { NOTICES_QUESTION } from "../attach/served-notices.ts";
import { askRunning } from "../sessions/ask.ts";
import type { SessionRecord } from "../sessions/record.ts";
import { logger } from "../support/log.ts";

const log = logger("notices");

/** The notices of a session that another process keeps, from now on until the signal; `keep` gets each line. */
export function remoteNotices(runtime: string, session: SessionRecord, keep: (line: string) => void, signal: AbortSignal): Notices {
  const notices = new Notices(keep);
  const hear = (value: unknown): void => notices.tell(String(value));
  askRunning(runtime, session, { name: NOTICES_QUESTION, body: {} }, { signal, hear }).catch((error: unknown) => log("%s", error));
  return notices;
}
