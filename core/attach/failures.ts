import { failures } from "../support/errors.ts";

/** How coupling a command with the user's terminal can fail. */
export const fail = failures({
  ATTACH_OUTPUT_FAILED: (f: { reason: string }) => ({
    message: `What the command wrote could not be passed on: ${f.reason}`,
    hint: "The command was ended. Look whether the disk is full, or the terminal gone.",
  }),
  ATTACH_KEYS_INVALID: (f: { keys: string }) => ({
    message: `"${f.keys}" are no keys to detach by.`,
    hint: 'Write up to eight, with commas between: characters, or ctrl- and a letter or one of \\]^_@[. For example "ctrl-p,ctrl-q".',
  }),
  ATTACH_OPEN_LATE: (f: { deadlineMs: number }) => ({
    message: `The guest did not start the command within ${f.deadlineMs / 1000} s.`,
    hint: "It may be out of memory or overloaded; see its console with DEBUG=cloche:console.",
  }),
});
