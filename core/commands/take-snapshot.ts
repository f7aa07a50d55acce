import { askRunning } from "../sessions/ask.ts";
import type { SessionRecord } from "../sessions/record.ts";
import { SNAPSHOT_QUESTION, type SnapshotTaken, type SnapshotWish } from "../suspend/snapshots.ts";
import type { Invocation } from "./command.ts";

/** Has a running session take a snapshot of itself. Throws what it throws. */
export async function takeSnapshot({ signal }: Pick<Invocation, "signal">, runtime: string, session: SessionRecord, wish: SnapshotWish): Promise<SnapshotTaken> {
  return (await askRunning(runtime, session, { name: SNAPSHOT_QUESTION, body: wish }, { signal })) as SnapshotTaken;
}
