import { statfs } from "node:fs/promises";
import { byteCount } from "../cli/output.ts";
import { usageOf } from "../sessions/usage.ts";
import { fail, type SavedKind } from "./failures.ts";
import { listSaved, savedFolder } from "./store.ts";

/** How much this process's session would take at most, in bytes, and what there is. */
export interface Room {
  readonly neededBytes: number;
  readonly usedBytes: number;
  readonly freeBytes: number;
}

const SPARE_BYTES = 64 * 1024 * 1024;

/** Looks whether this process's session fits on the disk, and in what all saved ones may take. Throws SAVED_NO_ROOM or SAVED_LIMIT. */
export async function checkRoom(stateDir: string, kind: SavedKind, limitBytes: number): Promise<void> {
  const folder = savedFolder(stateDir, kind);
  const { bavail, bsize } = await statfs(folder);
  const saved = await Promise.all([listSaved(stateDir, "suspended"), listSaved(stateDir, "snapshots")]);
  const usedBytes = saved.flat().reduce((sum, { machine }) => sum + machine.bytes, 0);
  const neededBytes = (usageOf([process.pid]).get(process.pid)?.memoryBytes ?? 0) + SPARE_BYTES;
  judgeRoom({ neededBytes, usedBytes, freeBytes: bavail * bsize }, folder, limitBytes);
}

/** Throws SAVED_NO_ROOM or SAVED_LIMIT when there is too little. */
export function judgeRoom({ neededBytes, usedBytes, freeBytes }: Room, folder: string, limitBytes: number): void {
  const needed = byteCount(neededBytes);
  if (freeBytes < neededBytes) throw fail("SAVED_NO_ROOM", { folder, needed, free: byteCount(freeBytes) });
  if (usedBytes + neededBytes > limitBytes) throw fail("SAVED_LIMIT", { needed, used: byteCount(usedBytes), limit: byteCount(limitBytes) });
}
