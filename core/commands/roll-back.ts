import { directories } from "../config/directories.ts";
import { listSessions } from "../sessions/list.ts";
import { stopSession } from "../sessions/stop-session.ts";
import { checkMoved } from "../suspend/moved-host.ts";
import { hasFiles } from "../suspend/snapshots.ts";
import type { Invocation } from "./command.ts";
import { goOnWith } from "./go-on-with.ts";
import { savedOf } from "./saved-of.ts";

/** What `cloche rollback` does in the process that keeps the session afterwards. */
export async function rollBack(invocation: Invocation): Promise<number> {
  const { env, words, signal, io } = invocation;
  const { state, runtime } = directories(env);
  const saved = await savedOf(invocation, "snapshots", words[0], state);
  const moved = { kind: "snapshots", saved } as const;
  await checkMoved(moved, state, signal); // or the session would be ended for nothing
  const running = (await listSessions(runtime)).find(({ name }) => name === saved.session);
  if (running) {
    io.progress.step(`Ending ${running.name} as it is`);
    await stopSession(running, runtime, signal);
  }
  if (!hasFiles(saved.machine.shape)) io.warn("The project's files stay as they are: the session edits them on your disk, and the snapshot has none.");
  return await goOnWith(invocation, moved, saved.session);
}
