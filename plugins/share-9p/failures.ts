import { failures } from "../../core/index.ts";

/** How lending the project can fail. */
export const fail = failures({
  SHARE_PLACE_TAKEN: (f: { target: string }) => ({
    message: `The project ${f.target} cannot be at the same path in the guest, which keeps files of its own there.`,
    hint: "Move the project to a path of its own, such as one below your home directory.",
  }),
  SHARE_NOT_MOUNTED: (f: { target: string; reason: string }) => ({
    message: `The guest could not mount the project at ${f.target}: ${f.reason}`,
    hint: "See more with DEBUG=cloche:*; the end of the guest's console is in cloche:console.",
  }),
  SHARE_NOT_SEARCHED: (f: { project: string; reason: string }) => ({
    message: `Could not look through ${f.project} for files that must be frozen: ${f.reason}.`,
    hint: "Leave out what fills it, or set share.freeze to false if the project can do the host no harm.",
  }),
  SHARE_NOT_FROZEN: (f: { path: string; error: string }) => ({
    message: `${f.path} in the project could not be frozen (${f.error}), so nothing was lent to the guest.`,
    hint: `Mend it, or leave it unprotected: share.freezeExcept: ["${f.path}"].`,
  }),
  SHARE_TOO_MANY_FROZEN: (f: { count: number; most: number }) => ({
    message: `The project has ${f.count} places that would have to be frozen; ${f.most} are the most.`,
    hint: "Use share.mode: overlay, which needs none, or set share.freeze to false if the project can do the host no harm.",
  }),
  SHARE_FROZEN_OPEN: (f: { path: string }) => ({
    message: `${f.path} was replaced on the host, and the guest had the new file open for writing before it was frozen again.`,
    hint: "Look at what the file says before you use a program that reads it.",
  }),
  SHARE_NO_REPORT: (f: { project: string }) => ({
    message: `No session of ${f.project} has ended yet.`,
    hint: "`cloche ls` shows the sessions that run.",
  }),
  SHARE_NO_CHANGES: (f: { project: string; session: string | undefined }) => ({
    message: `There are no changes of ${f.project} to review${f.session === undefined ? "" : ` from a session called ${f.session}`}.`,
    hint: "Sessions keep them back with share.mode: review.",
  }),
  SHARE_CHANGES_AMBIGUOUS: (f: { sessions: readonly string[] }) => ({
    message: `Several sessions left changes: ${f.sessions.join(", ")}.`,
    hint: "Name one with --session, and apply or drop them one after the other.",
  }),
  SHARE_CHANGES_OPEN: (f: { session: string }) => ({
    message: `The session ${f.session} still runs and may change more.`,
    hint: "End it first; until then `cloche changes` shows what there is so far.",
  }),
  SHARE_CHANGE_UNKNOWN: (f: { path: string }) => ({
    message: `${f.path} is not among the changes.`,
    hint: "`cloche changes` lists them, by their paths in the project.",
  }),
  SHARE_APPLY_FAILED: (f: { path: string; reason: string }) => ({
    message: `${f.path} could not be written: ${f.reason}`,
    hint: "It is as it was. What was applied before it is applied; the rest is kept, so apply again when the cause is gone.",
  }),
});
