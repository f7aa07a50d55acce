import { z } from "zod";
import type { Questions } from "../sessions/questions.ts";
import type { DeskOptions } from "./desk.ts";
import type { Notices } from "./notices.ts";

/** By this question a terminal that is attached from another process learns what is allowed on it, and then hears the notices. */
export const DESK_QUESTION = "attach.desk";

/** What is told: the options first, and then each notice. */
export const DESK_SAYING = z.union([
  z.strictObject({ options: z.strictObject({ clipboardBytes: z.int(), pasteImages: z.boolean(), notify: z.boolean() }) }),
  z.strictObject({ notice: z.string() }),
]);

/** Lets other processes take part in the desk of a session, until they leave. */
export function serveDesk(options: DeskOptions, notices: Notices, questions: Questions): void {
  questions.serve(DESK_QUESTION, z.strictObject({}), async (_body, { say, signal }) => {
    say({ options } satisfies z.input<typeof DESK_SAYING>);
    const stop = notices.follow((notice) => say({ notice } satisfies z.input<typeof DESK_SAYING>));
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    stop();
  });
}
