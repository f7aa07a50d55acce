import { askRunning } from "../sessions/ask.ts";
import type { SessionRecord } from "../sessions/record.ts";
import { SNAPSHOT_QUESTION, type SnapshotTaken, type SnapshotWish } from "../suspend/snapshots.ts";
import type { Invocation } from "./command.ts";

/** Has a running session take a snapshot of itself, and warns when no copy may be able to go on from it. Throws what it throws. */
export async function takeSnapshot({ signal, io }: Pick<Invocation, "signal" | "io">, runtime: string, session: SessionRecord, wish: SnapshotWish): Promise<SnapshotTaken> {
  const taken = (await askRunning(runtime, session, { name: SNAPSHOT_QUESTION, body: wish }, { signal })) as SnapshotTaken;
  if (taken.unheld !== undefined) io.warn(`Not all programs in ${session.name} could be held still meanwhile (${taken.unheld}). If they used the project just then, a copy cannot go on; take another one when the session is quiet.`);
  return taken;
}
