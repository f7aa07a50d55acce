import { z } from "zod";
import type { Questions } from "../sessions/questions.ts";
import type { Notices } from "./notices.ts";

/** By this question a terminal that is attached from another process hears the notices of the session. */
export const NOTICES_QUESTION = "attach.notices";

/** Lets other processes follow the notices of a session, until they leave. */
export function serveNotices(notices: Notices, questions: Questions): void {
  questions.serve(NOTICES_QUESTION, z.strictObject({}), async (_body, { say, signal }) => {
    const stop = notices.follow((line) => say(line));
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    stop();
  });
}
