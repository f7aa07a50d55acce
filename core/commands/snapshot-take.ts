import { byteCount } from "../cli/output.ts";
import { directories } from "../config/directories.ts";
import { checkedName, inventedName } from "../sessions/names.ts";
import { whichSession } from "./which-session.ts";
import type { Invocation } from "./command.ts";
import { takeSnapshot } from "./take-snapshot.ts";

/** `cloche snapshot take`: puts a copy of a running session's machine on the disk; the session goes on. */
export default async function snapshot(invocation: Invocation): Promise<number> {
  const { env, io, flags, words } = invocation;
  const session = await whichSession(invocation, words[0]);
  const name = checkedName(flags.value("as") ?? inventedName(1));
  io.progress.step(`Taking a snapshot of ${session.name}`);
  const { bytes, pausedMs, hasFiles } = await takeSnapshot(invocation, directories(env).runtime, session, { name, ownFiles: false });
  if (flags.has("json")) io.printJson({ name, session: session.name, bytes, pausedMs, files: hasFiles });
  else io.print(`Snapshot ${name} of ${session.name}: ${byteCount(bytes)} on the disk, taken in ${(pausedMs / 1000).toFixed(1)} s. "cloche rollback ${name}" goes back to it.`);
  if (!hasFiles) io.warn("The project's files are not in it: this session edits them on your disk. With share.mode overlay or review they are.");
  return 0;
}
