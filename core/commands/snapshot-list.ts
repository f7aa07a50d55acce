import { byteCount, tableText } from "../cli/output.ts";
import { directories } from "../config/directories.ts";
import { hasFiles } from "../suspend/snapshots.ts";
import { listSaved } from "../suspend/store.ts";
import type { Invocation } from "./command.ts";

/** `cloche snapshot list`: the snapshots of all projects, with the room they take. */
export default async function listSnapshots({ io, flags, env }: Invocation): Promise<number> {
  const all = await listSaved(directories(env).state, "snapshots");
  const files = (yes: boolean): string => (yes ? "with files" : "without files");
  if (flags.has("json")) {
    io.printJson(all.map(({ name, session, project, saved, machine }) => ({ name, session, project, taken: saved, bytes: machine.bytes, files: hasFiles(machine.shape) })));
  } else if (all.length === 0) {
    io.print("There are no snapshots.");
  } else {
    const rows = all.map(({ name, session, project, saved, machine }) => [name, session, saved.slice(0, 16).replace("T", " "), byteCount(machine.bytes), files(hasFiles(machine.shape)), project]);
    io.print(tableText([["SNAPSHOT", "OF", "TAKEN", "SIZE", "", "PROJECT"], ...rows]));
  }
  return 0;
}
