import { z } from "zod";
import type { Questions } from "../sessions/questions.ts";
import type { DeskOptions } from "./desk.ts";
import { DESK_QUESTION, type DeskSaying } from "./desk-saying.ts";
import type { Notices } from "./notices.ts";

/** Lets other processes take part in the desk of a session, until they leave. */
export function serveDesk(options: DeskOptions, notices: Notices, questions: Questions): void {
  questions.serve(DESK_QUESTION, z.strictObject({}), async (_body, { say, signal }) => {
    say({ options } satisfies DeskSaying);
    const stop = notices.follow((notice) => say({ notice } satisfies DeskSaying));
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    stop();
  });
}
