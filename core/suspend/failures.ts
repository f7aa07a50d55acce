import { failures } from "../support/errors.ts";

/** How putting a session on the disk and taking it up again can fail. */
export const fail = failures({
  SUSPEND_NO_ROOM: (f: { folder: string; needed: string; free: string }) => ({
    message: `The session needs up to ${f.needed} in ${f.folder}, and ${f.free} are free. It runs on.`,
    hint: "Make room there, or discard another suspended session with \"cloche stop NAME\".",
  }),
  SUSPENDED_TAKEN: (f: { name: string }) => ({
    message: `Another session called "${f.name}" is suspended already. This one runs on.`,
    hint: `End this one, and "cloche resume ${f.name}" goes on with the other; "cloche stop ${f.name}" then discards it.`,
  }),
  SUSPEND_FAILED: (f: { name: string; reason: string }) => ({
    message: `The session "${f.name}" could not be put on the disk, and has ended: ${f.reason}`,
    hint: "What it did in the project is there. Start a new one; see more with DEBUG=cloche:*.",
  }),
  SUSPENDED_UNKNOWN: (f: { name: string; known: readonly string[] }) => ({
    message: `No session called "${f.name.slice(0, 80)}" is suspended.`,
    hint: f.known.length > 0 ? `Suspended are: ${f.known.join(", ")}.` : "None is.",
  }),
  SUSPENDED_AMBIGUOUS: (f: { names: readonly string[] }) => ({
    message: `There are ${f.names.length} suspended sessions of this project: ${f.names.join(", ")}.`,
    hint: "Say which one.",
  }),
  SUSPENDED_OTHER: (f: { name: string; what: string }) => ({
    message: `The session "${f.name}" cannot go on here: ${f.what}.`,
    hint: `Go back to what it was suspended with, or discard it with "cloche stop ${f.name}".`,
  }),
  SUSPENDED_DAMAGED: (f: { name: string; reason: string }) => ({
    message: `What was kept of the session "${f.name}" is damaged: ${f.reason}.`,
    hint: `Discard it with "cloche stop ${f.name}".`,
  }),
});
