import { z } from "zod";
import type { Guest } from "../machine/guest.ts";
import { makeKeyPair } from "../machine/host-keys.ts";
import type { SessionFacts } from "../plugin.ts";
import { isName } from "../sessions/names.ts";
import type { Questions } from "../sessions/questions.ts";
import { ClocheError, messageOf } from "../support/errors.ts";
import { fail, named } from "./failures.ts";
import { draftWithRoom } from "./room.ts";
import { isSaved, VERSION, type SavedCommand } from "./store.ts";

/** By this question a snapshot is taken of a session, which goes on. */
export const SNAPSHOT_QUESTION = "session.snapshot";

/** What is asked for. */
export interface SnapshotWish {
  readonly name: string;
  /** Only if the edits of the project are the machine's own, so that copies of it do not all work on the same files. */
  readonly ownFiles: boolean;
}

/** What was taken. */
export interface SnapshotTaken {
  readonly bytes: number;
  /** How long the session stood still, in ms. */
  readonly pausedMs: number;
  /** Whether the project's files are the machine's own, and so in the snapshot. */
  readonly hasFiles: boolean;
  /** Why programs may have used the host's directories at that very moment, escaped, which no copy can go on with. */
  readonly unheld?: string;
}

/** What a snapshot is taken of. */
export interface SnapshotSource {
  readonly guest: Guest;
  readonly session: SessionFacts;
  readonly command: SavedCommand;
  /** The option by which it has a disk of its own, which would not be in the snapshot. */
  readonly diskBy: string | undefined;
  /** What all saved sessions may take together. */
  readonly limitBytes: number;
  readonly signal: AbortSignal;
}

/** Offers commands to take snapshots of a session, one at a time. What fails costs the session nothing. */
export function serveSnapshots(questions: Questions, source: SnapshotSource): void {
  let turn: Promise<unknown> = Promise.resolve();
  questions.serve(SNAPSHOT_QUESTION, z.strictObject({ name: z.string().refine(isName), ownFiles: z.boolean().default(false) }), async (wish) => {
    const taken = turn.then(() => take(wish, source));
    turn = taken.catch(() => {});
    return await taken;
  });
}

async function take({ name, ownFiles }: SnapshotWish, { guest, session, command, diskBy, limitBytes, signal }: SnapshotSource): Promise<SnapshotTaken> {
  const { stateDir, project } = session;
  const { machine } = guest;
  if (ownFiles && !hasFiles(machine)) throw fail("FORK_SHARED", { session: session.name, project });
  if (diskBy !== undefined) throw fail("SAVED_DISK", { session: session.name, setting: diskBy });
  if (isSaved(stateDir, "snapshots", name)) throw fail("SAVED_TAKEN", named("snapshots", name));
  const draft = await draftWithRoom(stateDir, "snapshots", limitBytes);
  try {
    const { openHolding } = await import("./hold-still.ts");
    const holding = await openHolding(guest);
    const { saved, pausedMs } = await machine.capture(draft.machine, (work) => holding.during(work), signal).finally(() => holding.end());
    // each copy gets keys of its own, so those of this session are not kept
    const keys = { hostKey: makeKeyPair(), clientKey: makeKeyPair() };
    await draft.seal({ version: VERSION, name, session: session.name, project, saved: new Date().toISOString(), machine: saved, keys, ...command });
    return { bytes: saved.bytes, pausedMs, hasFiles: hasFiles(saved.shape), ...(holding.unheld !== undefined && { unheld: holding.unheld }) };
  } catch (cause) {
    await draft.discard().catch(() => {});
    if (cause instanceof ClocheError && cause.code.startsWith("SAVED_")) throw cause;
    throw fail("SNAPSHOT_FAILED", { session: session.name, reason: messageOf(cause) }, { cause });
  }
}

/** Whether edits of the project stay in a machine, instead of being made on the host at once. */
export function hasFiles({ shares }: { readonly shares: readonly { readonly tag: string; readonly readOnly: boolean }[] }): boolean {
  return shares.every(({ tag, readOnly }) => tag !== "project" || readOnly);
}
