import { Desk, NOTHING, type DeskOptions } from "../attach/desk.ts";
import { Notices } from "../attach/notices.ts";
import { DESK_QUESTION, readSaying } from "../attach/desk-saying.ts";
import { askRunning } from "../sessions/ask.ts";
import { enterSession } from "../sessions/enter.ts";
import type { SessionRecord } from "../sessions/record.ts";
import { logger } from "../support/log.ts";
import type { Invocation } from "./command.ts";

const log = logger("desk");

/** The session whose desk it is, and what has the terminal. */
export interface RemoteDesk {
  readonly runtime: string;
  readonly session: SessionRecord;
  readonly isAgent: boolean;
  /** Until then its notices are followed. */
  readonly signal: AbortSignal;
}

/** The desk of a session that another process keeps, for a terminal of ours; until the session has said what is allowed, nothing is. */
export function remoteDesk({ io, env }: Invocation, { runtime, session, isAgent, signal }: RemoteDesk): Desk {
  let options: DeskOptions = NOTHING;
  const notices = new Notices((line) => io.progress.say(line));
  const hear = (value: unknown): void => {
    const saying = readSaying(value);
    if ("options" in saying) options = saying.options;
    else notices.tell(saying.notice);
  };
  askRunning(runtime, session, { name: DESK_QUESTION, body: {} }, { signal, hear }).catch((error: unknown) => log("%s", error));
  return new Desk({
    session: session.name, notices, env, isAgent,
    options: () => options,
    open: (command) => enterSession(runtime, session, command, signal),
  });
}
