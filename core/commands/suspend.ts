import { byteCount } from "../cli/output.ts";
import { directories } from "../config/directories.ts";
import { askRunning } from "../sessions/ask.ts";
import { fail } from "../sessions/failures.ts";
import { sessionEnded } from "../sessions/session-ended.ts";
import type { Invocation } from "./command.ts";
import { whichSession } from "./which-session.ts";

const TEARDOWN_MS = 30_000;

/** `cloche suspend`: ends the command of a detached session and puts its machine on the disk, from where `cloche resume` goes on. */
export default async function suspend(invocation: Invocation): Promise<number> {
  const { env, io, flags, words, signal } = invocation;
  const { runtime } = directories(env);
  const session = await whichSession(invocation, words[0], ({ detached }) => detached === true);
  if (session.detached !== true) throw fail("SESSION_NOT_HELD", { name: session.name });
  io.progress.step(`Suspending ${session.name}`);
  const { bytes } = (await askRunning(runtime, session, { name: "session.suspend", body: {} }, { signal })) as { bytes: number };
  await sessionEnded(session, runtime, TEARDOWN_MS, signal);
  if (flags.has("json")) io.printJson({ name: session.name, bytes });
  else io.print(`Suspended ${session.name}: ${byteCount(bytes)} on the disk. "cloche resume ${session.name}" goes on with it.`);
  return 0;
}
