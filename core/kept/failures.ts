import { failures } from "../support/errors.ts";

/** How what is kept between sessions can fail to be there. */
export const fail = failures({
  STATE_NONE: (f: { project: string }) => ({
    message: `Nothing is kept for ${f.project}.`,
    hint: '"cloche state list" shows what is kept; `claude.keep: true` in your configuration keeps the agent\'s transcripts and memory, `share.keepLocal` local directories.',
  }),
  STATE_IN_USE: (f: { project: string; names: readonly string[] }) => ({
    message: `What is kept for ${f.project} is in use by the ${f.names.length === 1 ? "session" : "sessions"} ${f.names.join(", ")}.`,
    hint: 'End it first with "cloche stop".',
  }),
});
