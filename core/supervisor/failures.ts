import { failures } from "../support/errors.ts";

/** How starting a detached session can fail, beside the ways of any session. */
export const fail = failures({
  SUPERVISOR_ENDED: (f: { detail: string }) => ({
    message: `The process that was to keep the session ended before it was ready: ${f.detail}.`,
    hint: "Start it without --detach to see why, or with DEBUG=cloche:*.",
  }),
});
