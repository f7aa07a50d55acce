import { statfs } from "node:fs/promises";
import { byteCount } from "../cli/output.ts";
import { takeRoom } from "../machine/capture/reserve.ts";
import { usageOf } from "../sessions/usage.ts";
import { messageOf } from "../support/errors.ts";
import { fail, type SavedKind } from "./failures.ts";
import { draftOf, listSaved, savedFolder, type SavedDraft } from "./store.ts";

/** How much this process's session would take at most, in bytes, and what there is. */
export interface Room {
  readonly neededBytes: number;
  readonly usedBytes: number;
  readonly freeBytes: number;
}

const SPARE_BYTES = 64 * 1024 * 1024;

/**
 * A draft for this process's session, with the room taken on the disk that it needs, so that neither a full disk nor a quota stops it when
 * there is no way back. Throws SAVED_NO_ROOM or SAVED_LIMIT, and nothing is left then.
 */
export async function draftWithRoom(stateDir: string, kind: SavedKind, limitBytes: number): Promise<SavedDraft> {
  const neededBytes = await checkRoom(stateDir, kind, limitBytes);
  const draft = await draftOf(stateDir, kind);
  try {
    await takeRoom(draft.machine, neededBytes);
    return draft;
  } catch (cause) {
    await draft.discard();
    throw fail("SAVED_NO_ROOM", { folder: savedFolder(stateDir, kind), needed: byteCount(neededBytes), why: messageOf(cause) }, { cause });
  }
}

/** How many bytes this process's session needs at most. */
async function checkRoom(stateDir: string, kind: SavedKind, limitBytes: number): Promise<number> {
  const folder = savedFolder(stateDir, kind);
  const { bavail, bsize } = await statfs(folder);
  const saved = await Promise.all([listSaved(stateDir, "suspended"), listSaved(stateDir, "snapshots")]);
  const usedBytes = saved.flat().reduce((sum, { machine }) => sum + machine.bytes, 0);
  const neededBytes = (usageOf([process.pid]).get(process.pid)?.memoryBytes ?? 0) + SPARE_BYTES;
  judgeRoom({ neededBytes, usedBytes, freeBytes: bavail * bsize }, folder, limitBytes);
  return neededBytes;
}

/** Throws SAVED_NO_ROOM or SAVED_LIMIT when there is too little. */
export function judgeRoom({ neededBytes, usedBytes, freeBytes }: Room, folder: string, limitBytes: number): void {
  const needed = byteCount(neededBytes);
  if (freeBytes < neededBytes) throw fail("SAVED_NO_ROOM", { folder, needed, why: `${byteCount(freeBytes)} are free` });
  if (usedBytes + neededBytes > limitBytes) throw fail("SAVED_LIMIT", { needed, used: byteCount(usedBytes), limit: byteCount(limitBytes) });
}
