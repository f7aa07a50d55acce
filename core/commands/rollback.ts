import { directories } from "../config/directories.ts";
import { listSessions } from "../sessions/list.ts";
import { stopSession } from "../sessions/stop-session.ts";
import { checkMoved } from "../suspend/moved-host.ts";
import { hasFiles } from "../suspend/snapshots.ts";
import type { Invocation } from "./command.ts";
import { goOnWith } from "./go-on-with.ts";
import { savedOf } from "./saved-of.ts";
import { detach } from "./start-session.ts";

/** `cloche rollback [SNAPSHOT]`: ends the session, and has it go on from a snapshot of it, detached. The snapshot stays. */
export default async function rollback(invocation: Invocation): Promise<number> {
  const { held, env, words, signal, io } = invocation;
  const { state, runtime } = directories(env);
  const saved = await savedOf(invocation, "snapshots", words[0], state);
  const moved = { kind: "snapshots", saved } as const;
  if (held) return await goOnWith(invocation, moved, saved.session);
  await checkMoved(moved, state, signal); // or the session would be ended for nothing
  const running = (await listSessions(runtime)).find(({ name }) => name === saved.session);
  if (running) {
    io.progress.step(`Ending ${running.name} as it is`);
    await stopSession(running, runtime, signal);
  }
  if (!hasFiles(saved.machine.shape)) io.warn("The project's files stay as they are: the session edits them on your disk, and the snapshot has none.");
  return await detach(invocation);
}
