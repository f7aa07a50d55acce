import { failures } from "../support/errors.ts";

/** The two kinds of sessions on the disk, by the folders they lie in. */
export type SavedKind = "suspended" | "snapshots";

/** What a failure says of one of them: what it is, and how it is discarded. */
export interface Named {
  readonly what: string;
  readonly name: string;
  readonly forget: string;
}

/** A session on the disk as failures name it. */
export function named(kind: SavedKind, name: string): Named {
  const shown = name.slice(0, 80);
  if (kind === "suspended") return { what: "suspended session", name: shown, forget: `cloche stop ${shown}` };
  return { what: "snapshot", name: shown, forget: `cloche snapshot forget ${shown}` };
}

/** How putting a session on the disk, and going on with it, can fail. */
export const fail = failures({
  SAVED_NO_ROOM: (f: { folder: string; needed: string; why: string }) => ({
    message: `The session needs up to ${f.needed} in ${f.folder}, which are not to be had there: ${f.why}. It runs on.`,
    hint: 'Make room there, or discard what is kept: "cloche snapshot forget NAME" or "cloche stop NAME".',
  }),
  SAVED_LIMIT: (f: { needed: string; used: string; limit: string }) => ({
    message: `The session needs up to ${f.needed}. Suspended sessions and snapshots take ${f.used} already, and may take ${f.limit} together. It runs on.`,
    hint: 'Discard some with "cloche snapshot forget NAME" or "cloche stop NAME", or raise machine.savedLimit.',
  }),
  SAVED_TAKEN: (f: Named) => ({
    message: `There is a ${f.what} called "${f.name}" already. The session runs on.`,
    hint: `Take another name for a snapshot with --as, or discard the other with "${f.forget}".`,
  }),
  SAVED_UNKNOWN: (f: { what: string; name: string; known: readonly string[] }) => ({
    message: f.name === "" ? `There is no ${f.what} of this project.` : `There is no ${f.what} called "${f.name}".`,
    hint: f.known.length > 0 ? `There are: ${f.known.join(", ")}.` : "There is none at all.",
  }),
  SAVED_AMBIGUOUS: (f: { what: string; names: readonly string[] }) => ({
    message: `This project has more than one ${f.what}: ${f.names.join(", ")}.`,
    hint: "Say which one.",
  }),
  SAVED_OTHER: (f: Named & { reason: string }) => ({
    message: `The ${f.what} "${f.name}" cannot go on here: ${f.reason}.`,
    hint: `Go back to what it was made with, or discard it with "${f.forget}".`,
  }),
  SAVED_DAMAGED: (f: Named & { reason: string }) => ({
    message: `The ${f.what} "${f.name}" is damaged: ${f.reason}.`,
    hint: `Discard it with "${f.forget}".`,
  }),
  SUSPEND_FAILED: (f: { name: string; reason: string }) => ({
    message: `The session "${f.name}" could not be put on the disk, and has ended: ${f.reason}`,
    hint: "What it did in the project is there. Start a new one; see more with DEBUG=cloche:*.",
  }),
  SNAPSHOT_FAILED: (f: { session: string; reason: string }) => ({
    message: `No snapshot was taken of the session "${f.session}", which runs on: ${f.reason}`,
    hint: "See more with DEBUG=cloche:*.",
  }),
  SAVED_DISK: (f: { session: string; setting: string }) => ({
    message: `The session "${f.session}" has a disk of its own, which would not be saved with it. It runs on.`,
    hint: `Start the session without ${f.setting}.`,
  }),
  FORK_SHARED: (f: { session: string; project: string }) => ({
    message: `The session "${f.session}" works on ${f.project} itself, and so would every copy of it, all at once.`,
    hint: "Use share.mode overlay or review, where each has edits of its own, or say --shared if they may work on the same files.",
  }),
  FORK_COUNT: (f: { given: string; most: number }) => ({
    message: `"${f.given.slice(0, 40)}" is no number of copies.`,
    hint: `Say one from 1 to ${f.most}.`,
  }),
});
