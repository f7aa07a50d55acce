import { realpath } from "node:fs/promises";
import { byteCount } from "../cli/output.ts";
import { directories } from "../config/directories.ts";
import { fail } from "../kept/failures.ts";
import { forgetKept, listKept } from "../kept/kept-state.ts";
import { listSessions } from "../sessions/list.ts";
import type { Invocation } from "./command.ts";

/** `cloche state forget [PROJECT]`: removes what is kept for a project, or for all. */
export default async function forgetState({ io, flags, env, words, directory }: Invocation): Promise<number> {
  const { state, runtime } = directories(env);
  // a project that is gone has no real path any more, and is named as the list shows it
  const named = words[0] ?? directory;
  const projects = flags.has("all") ? (await listKept(state)).map(({ project }) => project) : [await realpath(named).catch(() => named)];
  const sessions = await listSessions(runtime);
  for (const project of projects) {
    const names = sessions.filter((session) => session.project === project).map(({ name }) => name);
    if (names.length > 0) throw fail("STATE_IN_USE", { project, names });
  }
  const forgotten = [];
  for (const project of projects) forgotten.push(await forgetKept(state, project));
  if (flags.has("json")) io.printJson(forgotten);
  else if (forgotten.length === 0) io.print("Nothing was kept.");
  else for (const { project, files, bytes } of forgotten) io.print(`Forgot ${files} ${files === 1 ? "file" : "files"} (${byteCount(bytes)}) of ${project}.`);
  return 0;
}
