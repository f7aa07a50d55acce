import { byteCount, tableText } from "../cli/output.ts";
import { directories } from "../config/directories.ts";
import { listKept } from "../kept/kept-state.ts";
import type { Invocation } from "./command.ts";

/** `cloche state list`: what agents left for the next session of each project. */
export default async function listState({ io, flags, env }: Invocation): Promise<number> {
  const kept = await listKept(directories(env).state);
  if (flags.has("json")) io.printJson(kept);
  else if (kept.length === 0) io.print("Nothing is kept.");
  else io.print(tableText([["KEPT", "FILES", "SIZE", "CHANGED", "PROJECT"], ...kept.map(({ parts, files, bytes, changed, project }) => [parts.join(", "), String(files), byteCount(bytes), changed?.slice(0, 16).replace("T", " ") ?? "never", project])]));
  return 0;
}
